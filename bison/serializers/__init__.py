"""The JSON of Email Bison's API."""

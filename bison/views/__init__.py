"""The API of Email Bison, for staff alone."""

"""The JSON of Email Bison, its names and types as the old system had them."""

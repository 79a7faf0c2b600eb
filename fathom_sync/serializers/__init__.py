"""The JSON of Fathom, its names and types as the old system had them."""

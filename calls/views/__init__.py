"""The API of calls."""

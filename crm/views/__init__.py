"""The API of people and their work."""

"""The API of Fathom: its settings, its syncs and meetings, and a door for a clock outside."""

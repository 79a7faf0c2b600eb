"""The pages of the Fathom link and its syncs."""

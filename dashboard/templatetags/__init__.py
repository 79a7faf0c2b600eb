"""The tags that pages are written in."""

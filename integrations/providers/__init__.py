"""The services that can be connected: a folder each, and a line in `integrations.registry`."""

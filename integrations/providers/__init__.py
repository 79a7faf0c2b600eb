"""The services that can be connected: a folder each, and a line in `integrations.registry`.

base      what a provider declares              ready     configurations to begin with
judging   what looks at each answer             moments   times as vendors write them
typed     texts as values, values as texts      batches   rows in batches, none twice in one
minting   tokens of client credentials          turns     one writer at a time
freeform  services of any make
"""

"""Secrets at rest: in clear in one place, for one moment.

crypto    the key ring: seal and open      fields  columns that hold ciphertext
rotation  everything under the newest key  forms   the form side, write-only
"""

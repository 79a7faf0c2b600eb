"""What every endpoint stands on: error bodies, strict JSON, tenancy, pages, limits,
repeated writes, the schema.
"""

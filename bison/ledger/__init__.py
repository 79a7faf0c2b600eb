"""The reply ledger: what each workspace's days have at the vendor, what its webhook brought,
and what is in Koppel.

walking   the vendor's log of events and its interested replies, back to a day
comparing of what was walked, what came in, what is in Koppel, and what is missing
keeping   a workspace's days: counted, healed, counted again
losses    the incident about replies that no webhook brought
checking  every workspace, each hour for two days and each night for ten
"""

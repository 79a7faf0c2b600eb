"""The checklist of a new client, which proves itself.

probing  looks at every item, and keeps what was found
proofs   what proves an item, and why it is open
"""

from bison.onboarding.probing import ITEMS, look_at_all, probe, reasons, write_notes

__all__ = ["ITEMS", "look_at_all", "probe", "reasons", "write_notes"]

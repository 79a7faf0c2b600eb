"""Fathom's external API: `/fathom/external/v1/…`, keyed by X-Api-Key,
true to the vendor's published schema.

Any number of meetings, made from a seed; pages of ten, newest first, by cursors that are offsets
and shift while new meetings come in; limits of 60 calls a minute and 30 heavy ones. Switches
(`vendor.Fathom.switches`) make the data as odd as real data is;
`POST /_control/vendors/fathom/<act>` lets a meeting arrive late, change or vanish.
"""

from sandbox.vendors.fathom.vendor import DEMO_KEYS, Fathom

__all__ = ["DEMO_KEYS", "Fathom"]

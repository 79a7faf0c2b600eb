"""What each source lists against what is in Koppel, day by day.

sources  what an app declares of a source
proving  a walk that came to its end, as proof of its days
reading  days for pages and answers
"""

from core.ledger.proving import Seen, forget_ended, note, prove, record
from core.ledger.reading import Sums, days, sums
from core.ledger.sources import Source, declare, find

__all__ = [
    "Seen",
    "Source",
    "Sums",
    "days",
    "declare",
    "find",
    "forget_ended",
    "note",
    "prove",
    "record",
    "sums",
]

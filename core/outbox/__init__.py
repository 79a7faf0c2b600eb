"""What we owe to others: a row before the act, worked off once, put off when it fails,
given up in the end.

rows    the rows of one table: due, claimed by one, done, put off, given up, put back
pauses  how long a row rests after each failure, and when it was the last
"""

from core.outbox.pauses import Pauses
from core.outbox.rows import Outbox

__all__ = ["Outbox", "Pauses"]

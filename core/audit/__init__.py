"""Who did what, and the proof that nobody changed it afterwards.

records    one act, written in the act's own transaction
chain      every row's hash covers the row before it
redacting  a row that loses a person who is erased
verifying  the check of the chain as a run, and what the last one found
"""

from core.audit.chain import verify
from core.audit.records import ACTIONS, LONGEST_FACT, record, record_accepted, value_hash

__all__ = ["ACTIONS", "LONGEST_FACT", "record", "record_accepted", "value_hash", "verify"]

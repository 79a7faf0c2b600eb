"""Named locks: of many transactions that do the same thing, one goes on and the others
wait for its end.

    locks.hold("fathom.ledger")                  until this transaction ends
    locks.hold("fathom.addresses", shared=True)  beside others that share it; one that does
                                                 not waits for all
    locks.hold("crm.new_account", address)       one lock for each subject
    locks.try_hold("core.partitions")            without waiting: whether it was to be had

They are PostgreSQL's advisory locks, which know numbers only. A lock's number is the first 64 bits
of BLAKE2b of its name and, after a NUL, its subject; a test holds that no two names in use come to
one number. Of two subjects that did, one would wait for the other and nothing worse. A row that
exists is locked itself (`select_for_update`): people find that one.
"""

import hashlib
from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError

Subject = UUID | str | int | None


def hold(name: str, subject: Subject = None, *, shared: bool = False) -> None:
    """Wait for this lock, and keep it until the transaction ends."""
    _ask(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}(%s)", name, subject)


def try_hold(name: str, subject: Subject = None, *, shared: bool = False) -> bool:
    """Tell whether the lock was free; then it is kept until the transaction ends."""
    return (
        _ask(f"SELECT pg_try_advisory_xact_lock{'_shared' if shared else ''}(%s)", name, subject)
        is True
    )


def number_of(name: str, subject: Subject = None) -> int:
    """Return the number that PostgreSQL knows the lock by:
    in pg_locks its halves are `classid` and `objid`.
    """
    words = name
    if subject is not None:
        words = f"{name}\0{subject}"
    digest = hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _ask(statement: str, name: str, subject: Subject) -> object:
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            f"The lock {name} ends with a transaction, and there is none"
        )
    with connection.cursor() as cursor:
        cursor.execute(statement, [number_of(name, subject)])
        return cursor.fetchone()[0]

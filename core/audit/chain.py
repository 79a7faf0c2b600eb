"""The chain under the audit log: every row's keyed hash covers the row and the hash before it;
the head is signed.

Who changes the tables by hand, without our key, cannot make a row or a head that fits: verify()
names what they did. One thing a chain cannot see from inside is an old head put back together with
the tail cut off; so the newest head is also told to Redis after each commit, and written to the
log, and verify() compares.
"""

import json
import logging
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from redis import RedisError

from core.models import AuditEvent, AuditHead, StableKey
from core.redis import connection as redis_connection
from core.secrets import crypto

logger = logging.getLogger(__name__)

START: Final = "0" * 64
MOST_PROBLEMS: Final = 1000
# The note that a row lost a person who was erased (core.audit.redacting).
REDACTED: Final = "audit.redacted"
COLUMNS: Final = (
    "sequence",
    "id",
    "at",
    "action",
    "actor_id",
    "actor_name",
    "organization_id",
    "target_type",
    "target_id",
    "target_name",
    "ip",
    "user_agent",
    "old_value",
    "new_value",
    "facts",
    "previous_hash",
)


class AuditBroken(Exception):
    """The chain cannot be carried on honestly: nothing that must be audited may happen until
    someone has looked.
    """


# --- Writing --------------------------------------------------------------------------------------


def begin(**_signal: Any) -> None:
    """Make the key of keyed hashes and the chain's head where they are missing
    (after every `migrate`).
    """
    if not {StableKey._meta.db_table, AuditHead._meta.db_table} <= set(
        connection.introspection.table_names()
    ):
        return  # an early migration was asked for by name
    key = StableKey(name=StableKey.MAC, value=secrets.token_hex(crypto.KEY_BYTES))
    StableKey.objects.bulk_create([key], ignore_conflicts=True)
    crypto.forget_keys()
    if not AuditHead.objects.exists():
        head = AuditHead(sequence=0, hash=START, signature=_signature(0, START))
        AuditHead.objects.bulk_create([head], ignore_conflicts=True)


def append(event: AuditEvent) -> AuditEvent:
    """Write the event as the chain's next; the head stays locked until the transaction ends."""
    head = AuditHead.objects.select_for_update().first()
    if head is None:
        raise AuditBroken(
            "The audit log has no head: run `manage.py migrate`, then `manage.py verify_audit`"
        )
    if not secrets.compare_digest(head.signature, _signature(head.sequence, head.hash)):
        # Carrying on would sign what someone did to the head and hide it for good.
        raise AuditBroken(
            "The audit log's head is not as it was signed: run `manage.py verify_audit`"
        )
    return _append(event, head)


def _append(event: AuditEvent, head: AuditHead) -> AuditEvent:
    event.sequence = head.sequence + 1
    event.at = timezone.now()
    event.previous_hash = head.hash
    event.hash = _hash_of([getattr(event, column) for column in COLUMNS])
    event.save(force_insert=True)
    head.sequence, head.hash = event.sequence, event.hash
    head.signature = _signature(head.sequence, head.hash)
    head.save()
    transaction.on_commit(partial(_tell_witness, event.sequence, event.hash), robust=True)
    return event


def _hash_of(row: Any) -> str:
    """Return the keyed hash of one row, its columns in the order of COLUMNS."""
    sequence, id_, at, *rest = row
    rest[7] = ip_address(rest[7]).packed.hex() if rest[7] else ""
    values = [sequence, str(id_), at.isoformat(), *rest]
    text = json.dumps(
        values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    )
    return crypto.mac("audit/row", text.encode())


def hash_as_it_stands(event: AuditEvent) -> str:
    """Return the keyed hash of a row as it is, whatever was noted of it."""
    return _hash_of([getattr(event, column) for column in COLUMNS])


def _signature(sequence: int, hash_: str) -> str:
    return crypto.mac("audit/head", f"{sequence}:{hash_}".encode())


# --- The witness ----------------------------------------------------------------------------------


def _witness_key() -> str:
    return f"koppel:audit:head:{connection.settings_dict['NAME']}"


def _contradiction_key() -> str:
    return f"{_witness_key()}:contradicted"


def _tell_witness(sequence: int, hash_: str) -> None:
    logger.info("audit_head", extra={"sequence": sequence, "hash": hash_})
    try:
        redis = redis_connection()
        witnessed = _read_mark(redis.get(_witness_key()))
        is_ahead = witnessed is None or witnessed[0] < sequence
        if witnessed is not None and not is_ahead and not _stands(witnessed):
            # The log was shortened and grows again. What was known before is kept,
            # or the next act would hide it.
            redis.set(_contradiction_key(), f"{witnessed[0]}:{witnessed[1]}", nx=True)
            is_ahead = True
        if is_ahead:
            redis.set(_witness_key(), f"{sequence}:{hash_}")
    except RedisError:
        logger.warning("audit_witness_unreachable")


def _stands(mark: tuple[int, str]) -> bool:
    """Tell whether the log has this row with this hash: two acts at once may tell their heads
    in either order.
    """
    return AuditEvent.objects.filter(sequence=mark[0], hash=mark[1]).exists()


def forget_witness() -> None:
    """Drop what Redis knows of the head; it is told again at the next act."""
    redis_connection().delete(_witness_key(), _contradiction_key())


def _witnessed() -> list[tuple[int, str]]:
    """Return the heads that Redis was told of and that must still be in the log."""
    try:
        marks = [redis_connection().get(key) for key in (_witness_key(), _contradiction_key())]
    except RedisError:
        return []
    return [mark for mark in map(_read_mark, marks) if mark]


def _read_mark(mark: Any) -> tuple[int, str] | None:
    sequence, _colon, hash_ = str(mark or "").partition(":")
    if sequence.isdecimal():
        return int(sequence), hash_
    return None


# --- Checking -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it was written."""

    sequence: int
    text: str


@dataclass
class Verification:
    """What verify() found. `problems` holds the first thousand, `problem_count` all."""

    rows: int = 0
    seconds: float = 0.0
    head: int = 0
    head_hash: str = ""
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return self.problem_count == 0

    def report(self, sequence: int, text: str) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(sequence, text))


def verify(expected: tuple[int, str] | None = None) -> Verification:
    """Read the whole log once and name every row that was changed, removed,
    inserted or moved, and a cut tail.

    `expected` is a head noted down earlier (its number and hash), which the log must still contain.
    """
    found = Verification()
    started = time.monotonic()
    marks = _witnessed()
    if expected:
        marks = [*marks, expected]
    before = AuditHead.objects.first()
    wanted = {sequence for sequence, _hash in marks}
    if before:
        wanted.add(before.sequence)
    last, hashes = _walk(found, wanted)
    _check_head(found, before, last, hashes)
    for sequence, hash_ in marks:
        if hashes.get(sequence) != hash_:
            text = _(
                "Row %(number)s was in the log before and is not, or not as it was: the tail was "
                "cut or put back."
            )
            found.report(sequence, text % {"number": sequence})
    found.seconds = time.monotonic() - started
    return found


def _rows() -> Iterator[tuple[Any, ...]]:
    # Inside a transaction the cursor streams: rows are not collected on either side.
    with transaction.atomic():
        rows = AuditEvent.objects.order_by("sequence", "id").values_list(*COLUMNS, "hash")
        yield from rows.iterator(chunk_size=2000)


def _walk(found: Verification, wanted: set[int]) -> tuple[int, dict[int, str]]:
    """Check each row and its link; gives the last number and the hashes of the wanted rows."""
    last, links, hashes = 0, {START}, {0: START}
    redacted = _redacted()
    for *row, stored in _rows():
        sequence, previous = row[0], row[-1]
        found.rows += 1
        right = _hash_of(row)
        if sequence <= last:
            found.report(
                sequence, _("Row %(number)s is there more than once.") % {"number": sequence}
            )
        elif sequence > last + 1:
            numbers = {"first": last + 1, "last": sequence - 1}
            found.report(last + 1, _("Rows %(first)s to %(last)s were removed.") % numbers)
        elif previous not in links:
            found.report(
                sequence,
                _("Row %(number)s does not follow the row before it.") % {"number": sequence},
            )
        if right != redacted.get(sequence, stored):
            found.report(
                sequence, _("Row %(number)s was changed or forged.") % {"number": sequence}
            )
        # Whichever of the two was tampered with, the next row is not to blame.
        last, links = max(last, sequence), {stored, right}
        if sequence in wanted:
            hashes[sequence] = stored
    return last, hashes


def _redacted() -> dict[int, str]:
    """Return the hash that each row has since it lost somebody;
    a note that we did not write says nothing.
    """
    noted = (
        AuditEvent.objects.filter(action=REDACTED)
        .order_by("sequence", "id")
        .values_list(*COLUMNS, "hash")
    )
    found: dict[int, str] = {}
    for *row, stored in noted.iterator(chunk_size=2000):
        facts = row[COLUMNS.index("facts")]
        if (
            isinstance(facts, dict)
            and isinstance(facts.get("row"), int)
            and _hash_of(row) == stored
        ):
            found[facts["row"]] = str(facts.get("hash", ""))
    return found


def _check_head(
    found: Verification, before: AuditHead | None, last: int, hashes: dict[int, str]
) -> None:
    after = AuditHead.objects.first()
    if before is None or after is None:
        found.report(0, _("The head of the log was removed."))
        return
    found.head, found.head_hash = before.sequence, before.hash
    if not secrets.compare_digest(before.signature, _signature(before.sequence, before.hash)):
        found.report(before.sequence, _("The head of the log was changed by hand."))
    if last < before.sequence:
        numbers = {"first": last + 1, "last": before.sequence}
        found.report(last + 1, _("Rows %(first)s to %(last)s were removed from the end.") % numbers)
    elif hashes.get(before.sequence) != before.hash:
        found.report(
            before.sequence,
            _("The head of the log does not fit row %(number)s.") % {"number": before.sequence},
        )
    # Rows written while we read are at most the head that stands now;
    # beyond it, an old head was put back.
    if last > after.sequence:
        numbers = {"head": after.sequence, "last": last}
        found.report(
            last,
            _("The head says %(head)s, the log goes to %(last)s: an old head was put back.")
            % numbers,
        )


def accept(event: AuditEvent) -> AuditEvent:
    """Carry the chain on from its last row after a fault that people have looked at;
    `event` says so in the log.
    """
    last = AuditEvent.objects.order_by("-sequence").first()
    head = AuditHead.objects.select_for_update().first() or AuditHead()
    head.sequence, head.hash = 0, START
    if last:
        head.sequence, head.hash = last.sequence, last.hash
    transaction.on_commit(forget_witness, robust=True)
    return _append(event, head)

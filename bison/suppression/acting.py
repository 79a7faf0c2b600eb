"""What a plan says, done at the vendor: in small batches, each of them known to be in
the right workspace.

With a shared key a person may move it between two calls. What was blocked meanwhile may have gone
into another workspace: its number is kept, and held against the list that is read back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from bison.client import data_of
from bison.session import Session
from bison.suppression.looking import BLACKLISTS, Lead
from bison.suppression.planning import Plan
from bison.suppression.values import Kind, Value
from core.errors import Rejected
from core.http import Answer
from core.words.sayings import Saying

BATCH: Final = 10
# From so many on they are sent as a file, so many at a time.
AS_FILE_FROM: Final = 20
AS_FILE: Final = 1000
UNVERIFIED: Final = "unverified"
_UNPROCESSABLE: Final = 422
_NOT_THERE: Final = 404
_BOUNDARY: Final = "koppel-suppression-7d1f0b"

Act = Callable[[Session], None]


@dataclass(slots=True)
class Done:
    """What came of the acts: the numbers that the vendor gave, and what it refused,
    by value or lead.
    """

    numbers: set[int] = field(default_factory=set)
    refused: dict[Value | int, Saying] = field(default_factory=dict)


def act(session: Session, plan: Plan) -> Done:
    """Do what the plan says. What the vendor refuses is noted and the rest goes on."""
    done = Done()
    for batch in _batches(plan, done):
        session.confirmed(partial(_confirmed_first, batch=batch))
    return done


def _confirmed_first(session: Session, *, batch: Sequence[Act]) -> None:
    session.confirm()
    for each in batch:
        each(session)


def _batches(plan: Plan, done: Done) -> list[list[Act]]:
    acts: list[Act] = []
    batches: list[list[Act]] = []
    for kind in Kind:
        values = [value for value in plan.block if value.kind == kind]
        if len(values) < AS_FILE_FROM:
            acts += [partial(_block, value=value, done=done) for value in values]
            continue
        for first in range(0, len(values), AS_FILE):
            part = values[first : first + AS_FILE]
            batches.append([partial(_block_many, kind=kind, values=part, done=done)])
    acts += [partial(_unsubscribe, lead=lead, done=done) for lead in plan.unsubscribe]
    for value, numbers in plan.unblock.items():
        acts += [partial(_unblock, value=value, number=number, done=done) for number in numbers]
    acts += [partial(_resubscribe, lead=lead, done=done) for lead in plan.resubscribe]
    return [*batches, *(acts[first : first + BATCH] for first in range(0, len(acts), BATCH))]


def _block(session: Session, *, value: Value, done: Done) -> None:
    path, field_name = BLACKLISTS[Kind(value.kind)]
    try:
        _note(done, session.post(path, json={field_name: value.text}, idempotent=True))
    except Rejected as error:
        # 422: it has been listed since it was read, and the list that is read back shows it.
        if error.status != _UNPROCESSABLE:
            done.refused[value] = error.saying


def _block_many(session: Session, *, kind: Kind, values: Sequence[Value], done: Done) -> None:
    path, _field = BLACKLISTS[kind]
    lines = "".join(f"{value.text}\r\n" for value in values)
    body = (
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; "
        'name="csv"; filename="suppressions.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{lines}\r\n--{_BOUNDARY}--\r\n"
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    try:
        _note(
            done,
            session.post(
                f"{path}/bulk", data=body.encode(), headers=headers, idempotent=True, hides={}
            ),
        )
    except Rejected as error:
        done.refused |= dict.fromkeys(values, error.saying)


def _unsubscribe(session: Session, *, lead: Lead, done: Done) -> None:
    try:
        data_of(session.patch(f"/leads/{lead.id}/unsubscribe", idempotent=True))
    except Rejected as error:
        done.refused[lead.id] = error.saying


def _resubscribe(session: Session, *, lead: Lead, done: Done) -> None:
    wish = {"status": UNVERIFIED}
    try:
        data_of(session.patch(f"/leads/{lead.id}/update-status", json=wish, idempotent=True))
    except Rejected as error:
        done.refused[lead.id] = error.saying


def _unblock(session: Session, *, value: Value, number: int, done: Done) -> None:
    path, _field = BLACKLISTS[Kind(value.kind)]
    try:
        session.delete(f"{path}/{number}")
    except Rejected as error:
        if error.status != _NOT_THERE:
            done.refused[value] = error.saying


def _note(done: Done, answer: Answer) -> None:
    """Keep the numbers of what was listed now."""
    found: Any = data_of(answer)
    rows = found if isinstance(found, list) else [found]
    done.numbers |= {
        row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int)
    }

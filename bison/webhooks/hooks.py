"""Our webhook at the vendor. Hooks belong to a workspace, have no secret and no switch,
and may stand there twice.

Whoever changes them has the workspace's turn (`bison.turns`), so that two cannot each make one.
Each write with a shared key is between two looks at where that key is; what the wrong workspace may
have got is found there by its address, which is ours and not that workspace's.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from bison import lists, turns
from bison.client import VENDOR, Odd, data_of
from bison.models import Workspace
from bison.session import Session, session
from bison.webhooks.events import whole
from core.errors import RateLimited
from core.http import Answer

PATH: Final = "/webhook-url"
NAME: Final = "Koppel"
FOUND_OR_GONE: Final = frozenset({200, 201, 202, 204, 404})
# How long a person waits for another's change, and for the turn with a shared key.
PATIENCE: Final = 20.0
BUSY: Final = _("This webhook is being changed at this moment. Look again in a minute.")


class BeingChanged(RateLimited):
    """Another is at this workspace's webhook."""

    text = BUSY


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as the vendor lists it."""

    id: int
    url: str
    events: frozenset[str]


class Hooks:
    """The webhooks of a workspace, while its turn is ours."""

    def __init__(self, at: Session, lease: turns.Lease) -> None:
        self._at = at
        self._lease = lease

    def listed(self) -> list[Hook]:
        """Return all of them, known to be this workspace's."""
        self._lease.renew()
        return [_read(row) for row in lists.everything(self._at, PATH).items]

    def create(self, url: str, events: list[str]) -> int:
        """Make a webhook, and return its id."""
        return self._written(self._at.post, PATH, json=_body(url, events)).id

    def change(self, hook_id: int, url: str, events: list[str]) -> None:
        """Put another address and other events in the place of a webhook's."""
        self._written(self._at.put, f"{PATH}/{hook_id}", json=_body(url, events))

    def remove(self, hook_id: int) -> None:
        """Remove a webhook; one that is gone already is as well."""
        self._write(self._at.delete, f"{PATH}/{hook_id}", ok=FOUND_OR_GONE)

    def _written(self, send: Any, path: str, **options: Any) -> Hook:
        return _read(data_of(self._write(send, path, **options)))

    def _write(self, send: Any, path: str, **options: Any) -> Answer:
        self._lease.renew()
        self._at.confirm()
        answer: Answer = send(path, hides={"token": _secrets(options)}, **options)
        self._at.confirm()
        return answer


@contextmanager
def of(
    workspace: Workspace,
    *,
    triggered_by: str,
    run_id: Any = None,
    patience: float = PATIENCE,
    key_patience: float = PATIENCE,
) -> Iterator[tuple[Session, Hooks]]:
    """Give the webhooks of a workspace; BeingChanged where another is at them
    for longer than `patience`.

    `key_patience`: how long the turn with a shared key is waited for.
    """
    with ExitStack() as stack:
        at = stack.enter_context(
            session(
                workspace,
                function_name="bison.webhooks",
                triggered_by=triggered_by,
                run_id=run_id,
                patience=key_patience,
            )
        )
        try:
            lease = stack.enter_context(turns.of(f"webhook/{workspace.pk}", patience=patience))
        except RateLimited as error:
            raise BeingChanged(VENDOR, retry_after=error.retry_after) from error
        yield at, Hooks(at, lease)


def _secrets(options: dict[str, Any]) -> list[str]:
    """Return what of a call's body must not be in the log of calls:
    the vendor may repeat it in an error.
    """
    url = str(options.get("json", {}).get("url", ""))
    return [url, url.rpartition("/")[2]]


def _body(url: str, events: list[str]) -> dict[str, Any]:
    return {"name": NAME, "url": url, "events": events}


def _read(row: Any) -> Hook:
    """Return a row of the list; Odd for what is none."""
    number = whole(row.get("id")) if isinstance(row, Mapping) else None
    if number is None:
        raise Odd(VENDOR)
    names = row.get("events")
    found = (
        frozenset(str(name).lower() for name in names) if isinstance(names, list) else frozenset()
    )
    return Hook(number, str(row.get("url") or ""), found)

"""What is at the vendor against what should be: somebody may have changed or removed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bison.models import Workspace
from bison.webhooks import addresses
from bison.webhooks.hooks import Hook

MISSING: Final = "missing"
URL: Final = "url"
EVENTS: Final = "events"
DOUBLED: Final = "doubled"
LEFT_OVER: Final = "left_over"
WORDS: Final[dict[str, Promise]] = {
    MISSING: _("The webhook is not at Email Bison any more."),
    URL: _("The webhook at Email Bison has another address."),
    EVENTS: _("The webhook at Email Bison has other events."),
    DOUBLED: _("Email Bison has the webhook more than once."),
    LEFT_OVER: _("The webhook is off, and Email Bison still has it."),
}
# With these nothing comes in.
NOTHING_COMES: Final = frozenset({MISSING, URL})

Drift = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """Of the listed webhooks the one that is ours, and others that have an address of ours."""

    hook: Hook | None
    others: Sequence[Hook]


def find(workspace: Workspace, listed: Sequence[Hook]) -> Found:
    """Tell which is ours: the one with our address, else the one that we made,
    else one with an earlier address.
    """
    address = addresses.address(workspace)
    ours = [hook for hook in listed if addresses.is_ours(hook.url)]
    known = [hook for hook in listed if hook.id == workspace.bison_webhook_id]
    exact = [hook for hook in ours if hook.url == address]
    candidates = [*(hook for hook in exact if hook in known), *exact, *known, *ours]
    if not workspace.bison_webhook_enabled or not candidates:
        return Found(None, ours)
    return Found(candidates[0], [hook for hook in ours if hook.id != candidates[0].id])


def of(workspace: Workspace, found: Found) -> Drift | None:
    """Return what is otherwise than it should be, the worst of it; None where nothing is."""
    hook, others = found.hook, found.others
    address = addresses.address(workspace)
    if not workspace.bison_webhook_enabled:
        if not others:
            return None
        return _drift(LEFT_OVER, None, addresses.masked(others[0].url))
    if hook is None:
        return _drift(MISSING, addresses.masked(address), None)
    if hook.url != address:
        return _drift(URL, addresses.masked(address), addresses.masked(hook.url))
    if hook.events != frozenset(workspace.bison_webhook_events):
        return _drift(EVENTS, sorted(workspace.bison_webhook_events), sorted(hook.events))
    if others:
        return _drift(DOUBLED, 1, 1 + len(others))
    return None


def say(drift: Drift | None) -> str:
    """Say it in the reader's language; '' where there is none."""
    if not drift:
        return ""
    return str(WORDS.get(drift["what"], drift["what"]))


def _drift(what: str, expected: Any, found: Any) -> Drift:
    return {"what": what, "expected": expected, "found": found}

"""Taking a demo away at Chatwoot; what is not there any more is taken away already."""

from contextlib import suppress
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import Conflicting, VendorError
from core.models import Run, User
from integrations.helpdesk.desks import NoDesk, Open, again
from integrations.models import Demo
from integrations.providers.chatwoot.answers import Missing
from integrations.providers.chatwoot.client import path_of

State = Demo.State
# Of the runs that make demos.
KEY: Final = "helpdesk.demo"
BEING_MADE: Final = _("The demo is just being made. Delete it once that is over.")


class BeingMade(Conflicting):
    """A run is at work on it."""

    conflict = "being_made"


def remove(demo: Demo, *, actor: User, request: Any = None) -> None:
    """Remove a demo at the vendor and here; VendorError where something of it stays there,
    and then it stays here too.

    Where the account that it is in is not connected any more only our own record goes.
    BeingMade while a run makes it.
    """
    whole = _claim(demo)
    try:
        desk = again(demo.organization, demo.integration)
    except NoDesk:
        desk = None
    try:
        is_there = bool(demo.inbox_id or demo.bot_id)
        if desk is not None and is_there:
            with desk.open("delete-demo", by=actor.get_username()) as at:
                # In another account these would be somebody else's numbers.
                if demo.place == at.place:
                    _take(demo, at)
    except VendorError:
        _give_back(demo, whole)
        raise
    with transaction.atomic():
        audit.record(
            "helpdesk.demo_deleted",
            actor=actor,
            target=demo,
            request=request,
            organization_id=demo.organization_id,
            left=bool(demo.inbox_id or demo.bot_id),
        )
        Demo.objects.filter(pk=demo.pk).delete()


@transaction.atomic
def _claim(demo: Demo) -> Demo:
    """Keep others from having it made again meanwhile; return it as it was."""
    whole = Demo.objects.select_for_update().get(pk=demo.pk)
    if Run.objects.filter(kind=KEY, subject_id=demo.pk, state__in=Run.OPEN).exists():
        raise BeingMade(BEING_MADE)
    Demo.objects.filter(pk=demo.pk).update(state=State.REMOVING)
    demo.inbox_id, demo.bot_id = whole.inbox_id, whole.bot_id
    return whole


def _give_back(demo: Demo, whole: Demo) -> None:
    """Let it be what it was, if nothing of it is gone: what is half there is no demo any more."""
    state = State.FAILED.value
    if whole.state != State.REMOVING and (demo.inbox_id, demo.bot_id) == (
        whole.inbox_id,
        whole.bot_id,
    ):
        state = whole.state
    Demo.objects.filter(pk=demo.pk, state=State.REMOVING).update(state=state)


def take_away(demo: Demo, at: Open) -> list[str]:
    """Remove at the vendor what the demo has there, and return what could not be removed."""
    left = []
    for name, part in (("bot_id", "agent_bots"), ("inbox_id", "inboxes")):
        try:
            _take_one(demo, at, name, part)
        except VendorError:
            left.append(f"{part}/{getattr(demo, name)}")
    return left


def _take(demo: Demo, at: Open) -> None:
    for name, part in (("bot_id", "agent_bots"), ("inbox_id", "inboxes")):
        _take_one(demo, at, name, part)
        demo.save(update_fields=[name, "updated_at"])


def _take_one(demo: Demo, at: Open, name: str, part: str) -> None:
    number = getattr(demo, name)
    if number is None:
        return
    # Somebody may have been first.
    with suppress(Missing):
        at.client.delete(path_of(at.values, f"/{part}/{number}"))
    setattr(demo, name, None)

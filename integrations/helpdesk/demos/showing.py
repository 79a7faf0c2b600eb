"""Demos as people see them."""

from typing import Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from core.models import Run, User
from core.words import sayings
from integrations import access
from integrations.helpdesk.demos.removing import KEY
from integrations.models import Demo

State = Demo.State
# For the API's choices: each is called what it is.
STATES: Final = [(state.value, state.value) for state in State]
BEING_MADE: Final = "is_being_made"


def demos_for(user: User) -> QuerySet[Demo]:
    """Return the demos that a person sees: their own, in organizations that they belong to;
    staff see all.
    """
    making = Run.objects.filter(kind=KEY, subject_id=OuterRef("pk"), state__in=Run.OPEN)
    rows = Demo.objects.select_related("integration", "organization").annotate(
        **{BEING_MADE: Exists(making)}
    )
    if access.as_staff(user, access.SEE):
        return rows
    return rows.filter(owner=user, organization__members__user=user)


def state_of(demo: Demo) -> str:
    """Return the state of a demo from `demos_for`: one that nobody is at work on any
    more has failed.
    """
    if _was_left(demo):
        return State.FAILED.value
    return State(demo.state).value


def error_of(demo: Demo) -> str:
    """Return what went wrong, in the reader's language; '' where nothing did."""
    if _was_left(demo):
        return _(
            "It was interrupted. Ask for the same demo again, and Koppel goes on where it was."
        )
    return sayings.say(demo.error_said, demo.error)


def _was_left(demo: Demo) -> bool:
    return demo.state == State.CREATING and not getattr(demo, BEING_MADE)

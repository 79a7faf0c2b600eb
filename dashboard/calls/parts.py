"""The parts of a call's page that people change: outcome, lead, action items, comments.
Each is written anew alone.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils import timezone

from calls.access import may_work
from calls.models import Call, CallAction, CallComment
from calls.services.outcomes import OUTCOMES
from core.models import User
from core.words.digits import are_digits
from core.words.states import Look, look


@dataclass(frozen=True)
class Choice:
    """One outcome that can be chosen."""

    value: str
    look: Look
    is_current: bool


@dataclass(frozen=True)
class Todo:
    """One action item as the page shows it."""

    action: CallAction
    assignee: str
    done_by: str
    is_late: bool


@dataclass(frozen=True)
class Todos:
    """The action items of a call: what is open, and what is done and has shrunk."""

    open: list[Todo]
    done: list[Todo]

    @property
    def every(self) -> list[CallAction]:
        return [todo.action for todo in (*self.open, *self.done)]


@dataclass(frozen=True)
class Comment:
    """One comment as the page shows it."""

    comment: CallComment
    author: str
    is_own: bool


def work(user: User, call: Call) -> dict[str, Any]:
    """Return what people made of a call, and whether this person may."""
    return {
        "may_work": may_work(user, call),
        "choices": choices(call),
        "actions": todos(call),
        "comments": comments(user, call),
    }


def choices(call: Call) -> list[Choice]:
    """Return the outcomes to choose from; what a source said in its own words is none of them."""
    return [
        Choice(name, look(f"outcome.{name}"), call.outcome.casefold() == name) for name in OUTCOMES
    ]


def todos(call: Call) -> Todos:
    """Return the action items of a call."""
    today = timezone.localdate()
    found = CallAction.objects.filter(call=call).select_related("assignee__user", "done_by")
    every = [_todo(action, today) for action in found]
    return Todos(
        [todo for todo in every if not todo.action.is_done],
        [todo for todo in every if todo.action.is_done],
    )


def _todo(action: CallAction, today: date) -> Todo:
    assignee = action.who
    if action.assignee:
        assignee = name_of(action.assignee.user)
    is_due = action.due_on is not None and action.due_on < today
    is_late = is_due and not action.is_done
    return Todo(action, assignee, name_of(action.done_by), is_late)


def comments(user: User, call: Call) -> list[Comment]:
    """Return what people wrote beside a call, in the order of the call;
    what is of all of it first.
    """
    found = CallComment.objects.filter(call=call).select_related("author")
    every = [
        Comment(comment, name_of(comment.author), comment.author_id == user.pk) for comment in found
    ]
    return sorted(every, key=lambda shown: -1 if shown.comment.at is None else shown.comment.at)


def name_of(user: User | None) -> str:
    """Return what somebody is called; '' for nobody."""
    if user is None:
        return ""
    return user.get_full_name() or user.get_username()


LONGEST_PLACE: Final = 12


def place(entered: str) -> int | None:
    """Read a place in a call as people write it: "1:02:05", "2:05" or seconds. None for none.

    Raise ValueError for what is none of these.
    """
    entered = entered.strip()
    if not entered:
        return None
    steps = entered.split(":")
    is_long = len(entered) > LONGEST_PLACE or len(steps) > 3
    if is_long or not all(are_digits(step, LONGEST_PLACE) for step in steps):
        raise ValueError(entered)
    seconds = 0
    for step in steps:
        seconds = seconds * 60 + int(step)
    return seconds

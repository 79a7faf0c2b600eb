"""Action items of calls: ticked, given to a colleague, due on a day, added by hand;
and whose are open.

An item out of a source keeps its words; what a person adds, they may drop again.
Whoever calls these knows that the person sees the call and may work on it (`calls.access`).
"""

from datetime import date, timedelta
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.access import calls_for, colleagues_of
from calls.action_items import LONGEST, key_of
from calls.models import Call, CallAction
from core import audit
from core.errors import Conflicting
from core.models import User
from crm.models import Member, SalesRep

MOST_OF_A_CALL: Final = 200
# What nobody was given is its rep's, and after so long nobody's.
STALE_AFTER: Final = timedelta(days=60)


class Changes(TypedDict, total=False):
    """What of an item may be changed."""

    done: bool
    assignee: Member | None
    due_on: date | None


class TooManyItems(Conflicting):
    """A call has as many items as a call can have."""

    conflict = "too_many"


class OfItsSource(Conflicting):
    """The source says this item, so it cannot be dropped."""

    conflict = "of_its_source"


def open_for(user: User, scope: UUID | None = None) -> QuerySet[CallAction]:
    """Return the open items of this person, the soonest due first:
    those given to them, and those of their own calls that were given to nobody.

    With their calls, leads and reps, for a page that lists them.
    """
    members = Member.objects.filter(user_id=user.pk)
    reps = SalesRep.objects.filter(member__in=members.values("pk"))
    recent = Q(call__happened_at__gte=timezone.now() - STALE_AFTER)
    given = Q(assignee__in=members.values("pk"))
    left = Q(assignee=None, call__rep__in=reps.values("pk")) & recent
    theirs = CallAction.objects.filter(
        given | left, is_done=False, call__in=calls_for(user, scope).values("pk")
    )
    together = theirs.select_related("call__lead", "call__rep", "assignee__user").defer(
        "call__data", "call__summary"
    )
    return together.order_by(
        F("due_on").asc(nulls_last=True), "-call__happened_at", "ordinal", "pk"
    )


def add(
    call: Call, text: str, *, actor: User, request: Any = None, **changes: Unpack[Changes]
) -> CallAction:
    """Add an item by hand, after the others."""
    words = _words(text)
    _check(call, changes)
    with transaction.atomic():
        # Two that are added at once stand one after the other.
        Call.objects.select_for_update(no_key=True).only("pk").get(pk=call.pk)
        known = CallAction.objects.filter(call=call)
        if known.count() >= MOST_OF_A_CALL:
            raise TooManyItems(_("A call has 200 action items at most."), code="conflict")
        last = known.aggregate(last=Max("ordinal"))["last"]
        action = CallAction(
            call=call,
            ordinal=0 if last is None else last + 1,
            text=words,
            text_key=key_of(words),
            created_by=actor,
            assignee=changes.get("assignee"),
            due_on=changes.get("due_on"),
            is_decided=True,
        )
        action.save(force_insert=True)
        _record("action.added", action, actor, request)
    return action


def change(
    action: CallAction, *, actor: User, request: Any = None, **changes: Unpack[Changes]
) -> CallAction:
    """Tick an item or take its tick away, give it to somebody, set its day.
    The same again changes nothing.
    """
    _check(action.call, changes)
    with transaction.atomic():
        changed = _tick(action, changes, actor)
        for name in ("assignee", "due_on"):
            if name not in changes:
                continue
            value = changes[name]
            known = CallAction.objects.filter(pk=action.pk)
            if value is None:
                other = known.exclude(**{f"{name}__isnull": True})
            else:
                other = known.filter(~Q(**{name: value}) | Q(**{f"{name}__isnull": True}))
            if other.update(**{name: value}):
                changed.append(name)
            setattr(action, name, value)
        if changed:
            _record("action.changed", action, actor, request, changed=changed, done=action.is_done)
    return action


def _tick(action: CallAction, changes: Changes, actor: User) -> list[str]:
    """Tick it, or take the tick away, unless somebody did so already."""
    if "done" not in changes:
        return []
    done = changes["done"]
    done_at, done_by = None, None
    if done:
        done_at, done_by = timezone.now(), actor
    others = CallAction.objects.filter(pk=action.pk, is_done=not done)
    if not others.update(is_done=done, is_decided=True, done_at=done_at, done_by=done_by):
        return []
    action.is_done, action.is_decided, action.done_at, action.done_by = done, True, done_at, done_by
    return ["done"]


def drop(action: CallAction, *, actor: User, request: Any = None) -> None:
    """Drop an item that was added by hand; what the source says stays."""
    if action.from_source:
        raise OfItsSource(
            _("This item comes with the call and cannot be removed. Tick it instead."),
            code="conflict",
        )
    with transaction.atomic():
        _record("action.removed", action, actor, request)
        action.delete()


def _words(text: str) -> str:
    words = text.strip()
    if not words or "\x00" in words:
        raise ValidationError(
            {"text": ValidationError(_("Say what is to be done."), code="required")}
        )
    if len(words) > LONGEST:
        raise ValidationError(
            {"text": ValidationError(_("At most 2,000 characters."), code="too_long")}
        )
    return words


def _check(call: Call, changes: Changes) -> None:
    """Refuse to give an item to somebody who cannot open its call."""
    assignee = changes.get("assignee")
    if assignee is not None and not colleagues_of(call).filter(pk=assignee.pk).exists():
        raise ValidationError(
            {
                "assignee": ValidationError(
                    _("This colleague does not see the call."), code="invalid"
                )
            }
        )


def _record(name: str, action: CallAction, actor: User, request: Any, **facts: Any) -> None:
    """Keep who did it. The words of an item are personal, and stay out of the log."""
    audit.record(
        name,
        actor=actor,
        target=action.call,
        request=request,
        organization_id=action.call.organization_id,
        item=action.pk,
        assignee=action.assignee_id,
        due=action.due_on,
        **facts,
    )

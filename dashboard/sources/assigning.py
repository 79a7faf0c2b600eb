"""Giving what waits to a rep: what it will add is said before it is done, and it can be undone."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import User
from crm import access
from crm.models import SalesRep
from dashboard.calls import rep_choice
from dashboard.forms import Combobox
from dashboard.navigation import Shell
from dashboard.sources import days, queue, tables
from fathom_sync import access as fathom
from fathom_sync.meetings import assigning
from fathom_sync.meetings.assigning import Assigned
from fathom_sync.models import FathomMeeting

MOST_REPS: Final = 500
# What is kept with each is read: so many at once are a second's work.
MOST_AT_ONCE: Final = 500
MEETINGS_SHOWN: Final = 25
NOT_YOURS_TO_SAY: Final = _(
    "Which addresses a rep has is said by whoever runs the organization. Leave this out."
)
NOTHING_CHOSEN: Final = _(
    "Choose at least one address. Calls of another organization cannot be given to this rep."
)


class AssignForm(forms.Form):
    """Which addresses, and whose they are."""

    rep = forms.ChoiceField(label=_("Assign to"))
    remember = forms.BooleanField(
        label=_("Remember the address"),
        required=False,
        help_text=_("Later calls of the same address go to this rep too."),
    )

    def __init__(self, data: Any, reps: list[SalesRep], *, with_organization: bool) -> None:
        super().__init__(data)
        self.reps = reps
        names = [
            (str(rep.pk), f"{rep.name} – {rep.organization}" if with_organization else rep.name)
            for rep in reps
        ]
        if len(reps) <= rep_choice.FEW:
            self.fields["rep"].choices = [("", _("Choose a rep")), *names]  # type: ignore[attr-defined]
            return
        chosen = next((row for row in names if data and row[0] == data.get("rep")), ("", ""))
        self.fields["rep"] = forms.CharField(label=_("Assign to"))
        self.fields["rep"].widget = Combobox(
            f"{reverse('dashboard:rep_options')}?at_work=1", chosen
        )

    def clean_rep(self) -> str:
        """Return the id of the rep who was chosen from the list, or whose name was typed
        and is nobody else's.
        """
        entered = str(self.cleaned_data["rep"]).strip()
        found = [rep for rep in self.reps if entered in (str(rep.pk), rep.name)]
        if len(found) != 1:
            raise ValidationError(_("Choose a rep from the list."), code="invalid")
        return str(found[0].pk)

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, under its field where there is such a field here."""
        found = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
        for name, errors in found.items():
            self.add_error(name if name in self.fields else None, ValidationError(errors))


def page(user: User, shell: Shell, keys: list[str], data: Any = None) -> dict[str, Any]:
    """Return the meetings of some groups, how many calls they become,
    and the form that gives them to a rep.
    """
    found = queue.chosen(user, shell.scope, keys)
    shown = list(
        found.defer("raw", "raw_hash").order_by(F("created_at").desc(nulls_last=True), "-pk")[
            : MEETINGS_SHOWN + 1
        ]
    )
    context: dict[str, Any] = {
        "keys": keys,
        "records": tables.records(
            shown[:MEETINGS_SHOWN], caption=_("Calls that wait"), with_reason=len(keys) > 1
        ),
        "more": len(shown) > MEETINGS_SHOWN,
        "is_empty": not shown,
        "title": _title(keys, shown),
        "reason": days.reason(shown[0].reason) if len(keys) == 1 and shown else "",
    }
    reasons = {key.partition("|")[0] for key in keys}
    causes = [queue.Cause(reason, [], access.is_internal(user)) for reason in reasons]
    if not shown or not queue.may_assign(user, shell):
        return context
    if not all(cause.can_be_assigned for cause in causes):
        return context
    could = found.filter(Q(raw__isnull=False) | Q(call__isnull=False))
    count = could.aggregate(count=Count("recording_id", distinct=True))["count"]
    reps = list(
        access.reps_for(user, shell.scope)
        .filter(archived_at=None)
        .select_related("organization")
        .order_by("name", "pk")[:MOST_REPS]
    )
    return context | {
        "count": min(count, MOST_AT_ONCE),
        "rest": max(count - MOST_AT_ONCE, 0),
        "form": AssignForm(data, reps, with_organization=shell.scope is None),
    }


def assign(
    request: HttpRequest, user: User, shell: Shell, form: AssignForm, keys: list[str]
) -> Assigned:
    """Give the chosen groups' meetings to the rep. ValidationError says why not."""
    rep = access.reps_for(user, shell.scope).get(pk=form.cleaned_data["rep"])
    remember = form.cleaned_data["remember"]
    if not fathom.may_assign(user, rep):
        raise PermissionDenied
    if remember and not fathom.may_remember(user, rep):
        raise ValidationError({"remember": NOT_YOURS_TO_SAY})
    assignable = [key for key in keys if key.partition("|")[0] in queue.ASSIGNABLE]
    meetings = list(
        _of(queue.chosen(user, shell.scope, assignable), rep).order_by("recording_id")[
            :MOST_AT_ONCE
        ]
    )
    if not meetings:
        raise ValidationError(NOTHING_CHOSEN)
    done = assigning.assign(meetings, rep, remember=remember, actor=user, request=request)
    waiting = []
    if remember:
        waiting = assigning.remembered_in_vain(rep, meetings)
    if waiting:
        messages.warning(request, assigning.NOT_GRANTED % {"addresses": ", ".join(waiting)})
    return done


def _of(meetings: QuerySet[FathomMeeting], rep: SalesRep) -> QuerySet[FathomMeeting]:
    return meetings.filter(Q(organization=None) | Q(organization_id=rep.organization_id))


def _title(keys: list[str], shown: list[FathomMeeting]) -> str:
    """Return whose calls these are, where they are all of one address."""
    if len(keys) != 1 or not shown:
        return ""
    return shown[0].recorder_name or shown[0].recorder

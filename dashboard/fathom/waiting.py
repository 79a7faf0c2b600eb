"""Meetings that are not in the library, by why and by whose address, and whose they are said to be."""

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import User
from crm import access
from crm.models import SalesRep
from dashboard.calls import rep_choice
from dashboard.fathom import ledger, proof
from dashboard.forms import Combobox
from dashboard.navigation import Shell
from dashboard.queries import within
from fathom_sync import sight
from fathom_sync.meetings import unmatched
from fathom_sync.models import FathomMeeting

MOST_GROUPS: Final = 200
MOST_REPS: Final = 500
# What is kept with each is read: so many at once are a second's work.
MOST_AT_ONCE: Final = 500
NOT_YOURS_TO_SAY: Final = _("Which addresses a rep has is said by whoever runs the organization. Leave this out.")
NOTHING_CHOSEN: Final = _("Choose at least one address. Calls of another organization cannot be given to this rep.")
CLAIMED_BY_TWO: Final = _(
    "Another organization has this address too. Take it off your rep if it is not theirs, or ask the administrators"
    " whose it is."
)
Outcome = FathomMeeting.Outcome
# These become calls once somebody says whose they are.
ASSIGNABLE: Final = ("no_rep", "rep_archived", "ambiguous", "other_team", "no_recorder")
WHAT_TO_DO: Final = {
    "no_rep": _("Say whose they are, or add the address to a rep: then they come in by themselves."),
    "rep_archived": _("Bring the rep back, or give the calls to somebody else."),
    "ambiguous": _("Nothing is guessed: say whose they are, or take the address away from one of the two."),
    "other_team": _("Only calls of the chosen teams come in by themselves. Single ones can be given to a rep."),
    "no_recorder": _("Say whose they are."),
    "not_fetched": _("They come with the next sync; there is nothing to do."),
    "unreadable": _("They are looked at again with every sync."),
    "no_id": _("They cannot be told apart from each other, so they are not imported."),
    "refused": _("They are looked at again with every sync."),
    "deleted": _("They were removed from the library here, and stay out of it."),
}


@dataclass(frozen=True)
class Group:
    """The meetings of one address that wait for one reason."""

    reason: str
    recorder: str
    name: str
    count: int
    newest: Any

    @property
    def key(self) -> str:
        return f"{self.reason}|{self.recorder}"


@dataclass(frozen=True)
class Cause:
    """One reason and all addresses that it holds back."""

    reason: str
    groups: list[Group]
    # Whether the reader is of the house, which alone decides between two organizations.
    is_internal: bool = True

    @property
    def title(self) -> str:
        return ledger.reason(self.reason)

    @property
    def todo(self) -> Any:
        if self._is_claimed:
            return CLAIMED_BY_TWO
        return WHAT_TO_DO.get(self.reason, "")

    @property
    def can_be_assigned(self) -> bool:
        return self.reason in ASSIGNABLE and not self._is_claimed

    @property
    def _is_claimed(self) -> bool:
        return self.reason == "ambiguous" and not self.is_internal

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)


class AssignForm(forms.Form):
    """Which addresses, and whose they are."""

    rep = forms.ChoiceField(label=_("Assign selected to"))
    remember = forms.BooleanField(
        label=_("Remember the address"),
        required=False,
        help_text=_("Later calls of the same address go to this rep too."),
    )

    def __init__(self, data: Any, reps: list[SalesRep], *, with_organization: bool) -> None:
        super().__init__(data)
        self.reps = reps
        names = [(str(rep.pk), f"{rep.name} – {rep.organization}" if with_organization else rep.name) for rep in reps]
        if len(reps) <= rep_choice.FEW:
            self.fields["rep"].choices = [("", _("Choose a rep")), *names]  # type: ignore[attr-defined]
            return
        chosen = next((row for row in names if data and row[0] == data.get("rep")), ("", ""))
        self.fields["rep"] = forms.CharField(label=_("Assign selected to"))
        self.fields["rep"].widget = Combobox(f"{reverse('dashboard:rep_options')}?at_work=1", chosen)

    def clean_rep(self) -> str:
        """The id of the rep who was chosen from the list, or whose name was typed and is nobody else's."""
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


def page(user: User, shell: Shell, data: Any = None) -> dict[str, Any]:
    """The causes, the most meetings first, and the form to assign them with."""
    groups = _groups(user, shell)
    is_internal = access.is_internal(user)
    causes = [
        Cause(reason, [group for group in groups if group.reason == reason], is_internal) for reason in _reasons(groups)
    ]
    reps = list(
        access.reps_for(user, shell.scope)
        .filter(archived_at=None)
        .select_related("organization")
        .order_by("name", "pk")[:MOST_REPS]
    )
    return {
        "causes": causes,
        "is_whole": proof.is_whole(shell.scope),
        "more": len(groups) == MOST_GROUPS,
        "form": AssignForm(data, reps, with_organization=shell.scope is None),
        "may_assign": any(sight.may_assign(user, rep) for rep in reps)
        and any(cause.can_be_assigned for cause in causes),
    }


def assign(request: HttpRequest, user: User, shell: Shell, form: AssignForm) -> int:
    """Give the chosen groups' meetings to the rep; return how many are calls now. ValidationError says why not."""
    rep = access.reps_for(user, shell.scope).get(pk=form.cleaned_data["rep"])
    remember = form.cleaned_data["remember"]
    if not sight.may_assign(user, rep):
        raise PermissionDenied
    if remember and not sight.may_remember(user, rep):
        raise ValidationError({"remember": NOT_YOURS_TO_SAY})
    wanted = Q(pk__in=())
    for key in request.POST.getlist("group")[:MOST_GROUPS]:
        reason, _bar, recorder = key.partition("|")
        if reason in ASSIGNABLE and "\0" not in recorder:
            wanted |= Q(reason=reason, recorder=recorder)
    chosen = _waiting(user, shell).filter(wanted, Q(organization=None) | Q(organization_id=rep.organization_id))
    meetings = list(chosen.order_by("recording_id")[:MOST_AT_ONCE])
    if not meetings:
        raise ValidationError(NOTHING_CHOSEN)
    done = unmatched.assign(meetings, rep, remember=remember, actor=user, request=request)
    waiting = []
    if remember:
        waiting = unmatched.remembered_in_vain(rep, meetings)
    if waiting:
        messages.warning(request, unmatched.NOT_GRANTED % {"addresses": ", ".join(waiting)})
    return done


def _waiting(user: User, shell: Shell) -> QuerySet[FathomMeeting]:
    return within(sight.meetings_for(user), shell.scope).exclude(outcome=Outcome.IMPORTED)


def _groups(user: User, shell: Shell) -> list[Group]:
    rows = (
        _waiting(user, shell)
        .order_by()
        .values("reason", "recorder")
        .annotate(count=Count("recording_id", distinct=True), name=Max("recorder_name"), newest=Max("created_at"))
    )
    return [Group(**row) for row in rows.order_by("-count", "recorder")[:MOST_GROUPS]]


def _reasons(groups: list[Group]) -> list[str]:
    return list(dict.fromkeys(group.reason for group in groups))

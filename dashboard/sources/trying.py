"""Aliases tried out before they are saved: which calls a rep would gain, lose,
or get from somebody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import User
from crm import access, addresses, services
from crm.models import RepAlias, SalesRep
from dashboard import signs
from dashboard.calls import rep_choice
from dashboard.calls.rep_addresses import TOO_OFTEN, is_too_often
from dashboard.forms import Combobox
from dashboard.navigation import Shell
from dashboard.tables import Column, Empty, Table
from dashboard.templatetags import ui
from fathom_sync import access as fathom
from fathom_sync.meetings import simulating
from fathom_sync.meetings.simulating import Simulation

MOST_ALIASES: Final = 50
LONGEST: Final = 10_000
CHANGES: Final = {
    "gained": gettext_lazy("Gained"),
    "lost": gettext_lazy("Lost"),
    "changed": gettext_lazy("Changed"),
}
TONES: Final = {"gained": "good", "lost": "bad", "changed": "warn"}
NO_EXAMPLES: Final = Empty(
    gettext_lazy("No call changes"), gettext_lazy("Every call stays where it is."), "circle-check"
)


class ChooseRep(forms.Form):
    """Whose addresses are tried."""

    rep = forms.ChoiceField(label=gettext_lazy("Rep"))

    def __init__(self, choice: rep_choice.RepChoice) -> None:
        chosen = next(iter(choice.chosen), (None, ""))
        super().__init__(initial={"rep": str(chosen[0] or "")})
        if choice.is_many:
            widget = Combobox(
                f"{reverse('dashboard:rep_options')}?at_work=1", (str(chosen[0] or ""), chosen[1])
            )
            self.fields["rep"] = forms.CharField(label=_("Rep"), widget=widget)
            return
        names = [(str(key), name) for key, name in choice.few]
        self.fields["rep"].choices = [("", _("Choose a rep")), *names]  # type: ignore[attr-defined]


class AliasForm(forms.Form):
    """All the aliases that a rep would have, one a line."""

    aliases = forms.CharField(
        label=gettext_lazy("Addresses beside their own"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line. Calls that one of them recorded are this rep's."),
    )

    def clean_aliases(self) -> list[str]:
        entered = [
            line.strip() for line in str(self.cleaned_data["aliases"]).splitlines() if line.strip()
        ]
        if len(entered) > MOST_ALIASES:
            raise ValidationError(_("At most %(count)d addresses.") % {"count": MOST_ALIASES})
        for address in entered:
            addresses.check(address)
        return list(dict.fromkeys(entered))

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused at the field."""
        self.add_error("aliases", error.messages)


@dataclass(frozen=True)
class Example:
    """One call that would change hands."""

    title: str
    recorder: str
    change: str
    from_name: str
    to_name: str
    when: datetime | None


def page(user: User, shell: Shell, entered: str) -> dict[str, Any]:
    """Return the choice of a rep, and whoever is chosen; None for one that this
    person does not see.
    """
    reps = access.reps_for(user, shell.scope).filter(archived_at=None)
    choice = rep_choice.choice(reps, entered)
    rep = None
    if len(choice.chosen) == 1:
        rep = reps.filter(pk=choice.ids[0]).select_related("organization").first()
    context: dict[str, Any] = {"choose": ChooseRep(choice), "rep": rep}
    if rep is None:
        return context
    return context | {
        "may_save": fathom.may_remember(user, rep),
        "main": rep.email,
        "form": form_of(rep),
    }


def form_of(rep: SalesRep, data: Any = None) -> AliasForm:
    known = (
        RepAlias.objects.filter(rep=rep, is_main=False)
        .order_by("normalized")
        .values_list("address", flat=True)
    )
    return AliasForm(data, initial={"aliases": "\n".join(known)})


def simulate(user: User, rep: SalesRep, form: AliasForm) -> Simulation | None:
    """Try what was entered; None where it is refused, with the reason at the form."""
    if is_too_often(user):
        form.add_error(None, ValidationError(TOO_OFTEN, code="throttled"))
        return None
    try:
        return simulating.simulate({rep: form.cleaned_data["aliases"]}, fathom.meetings_for(user))
    except ValidationError as error:
        form.refuse(error)
    except simulating.Busy as error:
        form.add_error(None, str(error))
    return None


def save(request: HttpRequest, user: User, rep: SalesRep, form: AliasForm) -> bool:
    """Save what was entered, and tell whether that was taken."""
    try:
        services.update_rep(
            rep=rep, aliases=form.cleaned_data["aliases"], actor=user, request=request
        )
    except ValidationError as error:
        form.refuse(error)
        return False
    return True


def examples(found: Simulation) -> Table[Example]:
    """Declare the table of some calls that would change."""
    names = _names(each[name] for each in found.examples for name in ("fromRepId", "toRepId"))
    shown = [
        Example(
            each["title"] or each["recorder"],
            each["recorder"],
            each["change"],
            names.get(each["fromRepId"], ""),
            names.get(each["toRepId"], ""),
            each["createdAt"],
        )
        for each in found.examples
    ]
    columns: list[Column[Example]] = [
        Column("title", _("Recording"), lambda each: each.title, names_row=True),
        Column("recorder", _("Recorded by"), lambda each: each.recorder, hide_on_phone=True),
        Column("change", _("Change"), _change),
        Column("from", _("From"), lambda each: each.from_name or _("Not assigned")),
        Column("to", _("To"), lambda each: each.to_name or _("Not assigned")),
        Column(
            "when", _("When"), lambda each: ui.moment(each.when) if each.when else "", css="nowrap"
        ),
    ]
    return Table(_("Some of these calls"), columns, shown, NO_EXAMPLES)


def _change(each: Example) -> SafeString:
    return signs.pill(CHANGES[each.change], TONES[each.change])


def _names(ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    wanted = {rep_id for rep_id in ids if rep_id}
    return dict(SalesRep.objects.filter(pk__in=wanted).values_list("pk", "name"))

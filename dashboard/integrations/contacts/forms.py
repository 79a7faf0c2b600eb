"""Which of our fields is which of the service's, who wins, and what becomes of what
was deleted there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from integrations.contacts.mapping import ASK, BOTH, KEEP_OURS, KEEP_THEIRS, NEWEST, PULL, PUSH
from integrations.models import ContactSettings

NOT_MAPPED: Final = ("", _("Not exchanged"))
DIRECTIONS: Final = ((BOTH, _("Both ways")), (PULL, _("To Koppel")), (PUSH, _("From Koppel")))
RULES: Final = (
    (NEWEST, _("The newest wins")),
    (KEEP_OURS, _("Koppel wins")),
    (KEEP_THEIRS, _("The service wins")),
    (ASK, _("Ask me")),
)
PARTS: Final = ("theirs", "direction", "rule")


class Line:
    """One of our fields in the table of the form."""

    def __init__(self, form: "MappingForm", name: str, label: str) -> None:
        self.label = label
        self.boxes: list[BoundField] = [form[f"{name}.{part}"] for part in PARTS]


class MappingForm(forms.Form):
    """A line for each of our fields, and what goes for all of them.
    Made of what the services say can be mapped.
    """

    direction = forms.ChoiceField(label=_("Direction"), choices=DIRECTIONS)
    when_deleted = forms.ChoiceField(
        label=_("When a contact is deleted there"), choices=ContactSettings.WhenDeleted.choices
    )
    deletion_limit = forms.IntegerField(
        label=_("Deleted at once, at most (%)"),
        help_text=_(
            "Where more than this share is gone at once, nothing is taken away and you are told."
        ),
        min_value=0,
        max_value=100,
    )

    def __init__(self, described: Mapping[str, Any], data: Any = None) -> None:
        initial = {
            "direction": described["direction"],
            "when_deleted": described["whenDeleted"],
            "deletion_limit": described["deletionLimit"],
        }
        super().__init__(data, initial=initial)
        self.note: str = described["theirFieldsNote"]
        mapped = {entry["ours"]: entry for entry in described["fields"]}
        theirs = [
            NOT_MAPPED,
            *((field["name"], field["label"]) for field in described["theirFields"]),
        ]
        self.ours: Sequence[tuple[str, str]] = [
            (field["name"], field["label"]) for field in described["ourFields"]
        ]
        for name, label in self.ours:
            entry = mapped.get(name, {})
            choices = {"theirs": theirs, "direction": DIRECTIONS, "rule": RULES}
            titles = {
                "theirs": _("At the service"),
                "direction": _("Direction"),
                "rule": _("Changed on both sides"),
            }
            for part in PARTS:
                self.fields[f"{name}.{part}"] = forms.ChoiceField(
                    label=titles[part],
                    choices=choices[part],
                    required=False,
                    initial=entry.get(part, ""),
                    widget=forms.Select({"aria-label": f"{label}: {titles[part]}"}),
                )

    @property
    def lines(self) -> list[Line]:
        return [Line(self, name, label) for name, label in self.ours]

    @property
    def common(self) -> list[BoundField]:
        """What goes for all fields."""
        return [self[name] for name in ("direction", "when_deleted", "deletion_limit")]

    def entered(self) -> dict[str, Any]:
        """Return what was chosen as the service takes it; what is mapped to nothing is left out."""
        chosen = self.cleaned_data
        fields = [
            {
                "ours": name,
                "theirs": chosen[f"{name}.theirs"],
                "direction": chosen[f"{name}.direction"] or BOTH,
                "rule": chosen[f"{name}.rule"] or NEWEST,
            }
            for name, _label in self.ours
            if chosen[f"{name}.theirs"]
        ]
        common = {name: chosen[name] for name in ("direction", "when_deleted", "deletion_limit")}
        return {"fields": fields, **common}

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, at the line that it means."""
        chosen = [name for name, _label in self.ours if self.cleaned_data.get(f"{name}.theirs")]
        for at, errors in error.message_dict.items():
            _fields, _dot, place = at.partition(".")
            number, _dot, part = place.partition(".")
            name = None
            if number.isdecimal():
                name = f"{chosen[int(number)]}.{part}"
            self.add_error(name if name in self.fields else None, errors)

"""Two who may be one person: held side by side, and merged field by field."""

from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import User
from core.words.sayings import Text
from crm import access, services
from crm.models import Contact, Lead, Merge
from crm.services import merging
from crm.views.records import OUT_OF_SIGHT
from dashboard.people import file, labels

P = Lead | Contact
BOTH: Final = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of both: what each has, and whose stays where nobody chooses."""

    name: str
    label: Text
    this: str
    other: str
    keep: str

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose between."""
        return self.this != self.other


def page(user: User, person: P, other: P) -> dict[str, Any]:
    """Return both side by side."""
    keep = merging.defaults(person, other)
    choices = [
        Choice(name, labels.FIELDS[name], _shown(person, name), _shown(other, name), keep[name])
        for name in merging.FIELDS[type(person)]
        if name != "external_ids"
    ]
    moving = []
    if isinstance(other, Lead):
        number = (
            access.appointments_for(user, other.organization_id).filter(lead_id=other.pk).count()
        )
        if number:
            moving = [
                ngettext("%(number)d meeting", "%(number)d meetings", number) % {"number": number}
            ]
    return {
        "person": person,
        "other": other,
        "choices": [choice for choice in choices if choice.is_open],
        "same": [choice for choice in choices if not choice.is_open and choice.this],
        "ids": file.ids_of(person)
        + [pair for pair in file.ids_of(other) if pair not in file.ids_of(person)],
        "moving": moving,
    }


def merge(request: HttpRequest, user: User, person: P, other: P) -> Merge:
    """Merge two as the form says; raise ValidationError where that cannot be."""
    names = set(merging.FIELDS[type(person)])
    keep = {
        name.removeprefix("keep-"): str(value)
        for name, value in request.POST.items()
        if name.startswith("keep-") and name.removeprefix("keep-") in names
    }
    with transaction.atomic():
        row: Merge = services.merge_people(
            person=person, other=other, keep=keep, actor=user, request=request
        )  # type: ignore[type-var]
        if not access.visible(type(person), user).filter(pk=person.pk).exists():
            raise ValidationError(OUT_OF_SIGHT, code="invalid")
    return row


def undo(request: HttpRequest, user: User, person: P, row: Merge) -> services.Undone:
    """Take two apart again; raise ValidationError where one of them would be out
    of the reader's sight.
    """
    with transaction.atomic():
        undone = services.undo_merge(merge=row, actor=user, request=request)
        if (
            access.visible(type(person), user).filter(pk__in=[person.pk, undone.person.pk]).count()
            < BOTH
        ):
            raise ValidationError(OUT_OF_SIGHT, code="invalid")
    return undone


def undone_in_words(undone: services.Undone) -> str:
    """Say what undoing a merge came to."""
    words = [_("Merge undone: %(name)s is separate again.") % {"name": undone.person.name}]
    if undone.kept:
        fields = ", ".join(str(labels.FIELDS[name]) for name in undone.kept)
        words.append(
            _("Left as it is, since it was changed meanwhile: %(fields)s.") % {"fields": fields}
        )
    if undone.missing:
        words.append(
            ngettext(
                "%(number)d thing that was moved since stayed where it is.",
                "%(number)d things that were moved since stayed where they are.",
                undone.missing,
            )
            % {"number": undone.missing}
        )
    return " ".join(words)


def _shown(person: P, name: str) -> str:
    value = getattr(person, name)
    if name == "status":
        return str(person.get_status_display())  # type: ignore[union-attr]
    if name == "qualified_by" and value is not None:
        return str(value.user.get_full_name() or value.user.get_username())
    if name in ("team", "lead") and value is not None:
        return str(value.name)
    return str(value or "")

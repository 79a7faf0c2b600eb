"""Two leads, or two contacts, that are one person: merged, and taken apart again.

Both are locked in the order of their ids. Of two merges of the same two at once, the second finds
one of them gone. What names the one who goes names the other afterwards; the merge remembers which
rows, and which values it changed, so that undoing it puts exactly those back. What was changed
since is left as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core import audit, happenings
from core.errors import Conflicting
from core.models import User
from crm import events
from crm.models import Appointment, Contact, FormerAddress, Lead, Member, Merge, Team
from crm.models.prospects import Prospect
from crm.refusals import writing
from crm.services.moving import OWN, Moving
from crm.services.prospects import one_spelling
from crm.services.writing import check

P = TypeVar("P", Lead, Contact)

THIS, OTHER = "this", "other"
# What a merge decides on, field by field. Ids in other systems are put together.
COMMON: Final = ("name", "email", "phone", "company", "external_ids")
FIELDS: Final[dict[type[Prospect], tuple[str, ...]]] = {
    Lead: (*COMMON, "status", "source", "qualified_by", "team"),
    Contact: (*COMMON, "lead"),
}
THE_SAME: Final = _("Choose somebody else: nobody is merged with themselves.")
ELSEWHERE: Final = _("Both have to be of one organization.")
NO_FIELD: Final = _("There is no such field.")
NO_CHOICE: Final = _("Choose “this” or “other”.")
UNDONE: Final = _("This merge was undone already.")


class AlreadyUndone(Conflicting):
    """It can be undone once."""

    conflict = "already_undone"


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of undoing a merge: who is there again, and what was left because
    it was changed since.
    """

    person: Any
    kept: list[str]
    missing: int


def merge_people(
    *,
    person: P,
    other: P,
    keep: Mapping[str, str] | None = None,
    actor: Any = None,
    request: Any = None,
) -> Merge:
    """Make two people one: `person` stays, `other` goes.

    `keep` says of a field whose value stays; of others it is that of who stays,
    where they have one. Raise the model's DoesNotExist where one of them is gone by now.
    """
    kind = type(person)
    chosen = _choices(kind, keep or {})
    if person.pk == other.pk:
        raise ValidationError({"other": ValidationError(THE_SAME, code="invalid")})
    if person.organization_id != other.organization_id:
        raise ValidationError({"other": ValidationError(ELSEWHERE, code="invalid")})
    with writing():
        person, other = _locked(kind, person, other)
        former = _addresses_of(person) | _addresses_of(other)
        changed = _take_values(person, other, chosen)
        row = Merge(
            organization_id=person.organization_id,
            other_id=other.pk,
            other=_written(other),
            changed={
                name: [_plain(before), _plain(after)] for name, (before, after) in changed.items()
            },
            merged_at=timezone.now(),
            merged_by=actor if isinstance(actor, User) else None,
            **{str(kind._meta.model_name): person},
        )
        row.moved = _move(Moving(kind, other.pk, person.pk))
        row.save(force_insert=True)
        _remember(row, person, former)
        person.save()
        happenings.tell(f"{kind._meta.model_name}.merged", [person], other=other.pk)
        if changed:
            happenings.tell(f"{kind._meta.model_name}.updated", [person], changed=list(changed))
        happenings.tell(f"{kind._meta.model_name}.deleted", [other])
        kind._default_manager.filter(pk=other.pk).delete()
        counts = {label: len(keys) for label, keys in row.moved.items()}
        _record(
            "person.merged",
            person,
            actor,
            request,
            other=row.other_id,
            changed=list(changed),
            moved=counts,
        )
    return row


def undo_merge(*, merge: Merge, actor: Any = None, request: Any = None) -> Undone:
    """Take two people apart again. Raise AlreadyUndone for a second time."""
    with writing():
        kind, person = _still_there(merge)
        merge = Merge.objects.select_for_update().get(pk=merge.pk)
        if merge.undone_at is not None:
            raise AlreadyUndone(UNDONE, code="conflict")
        other = _again(kind, merge)
        kept = _give_back(person, merge.changed)
        person.save()
        FormerAddress.objects.filter(merge=merge).delete()
        moving = Moving(kind, person.pk, other.pk, merge.moved)
        _move(moving)
        merge.undone_at, merge.other, merge.changed = timezone.now(), {}, {}
        merge.undone_by = actor if isinstance(actor, User) else None
        merge.save(update_fields=["undone_at", "undone_by", "other", "changed"])
        happenings.tell(f"{kind._meta.model_name}.created", [other])
        happenings.tell(f"{kind._meta.model_name}.updated", [person], changed=list(FIELDS[kind]))
        missing = moving.missing() - _dropped_with_the_merge(merge, moving)
        _record(
            "person.merge_undone",
            person,
            actor,
            request,
            other=other.pk,
            kept=kept,
            missing=missing,
        )
    return Undone(other, kept, missing)


def defaults(person: Prospect, other: Prospect) -> dict[str, str]:
    """Return whose value of each field stays where nobody chooses."""
    found = {}
    for name in FIELDS[type(person)]:
        found[name] = THIS
        if not getattr(person, name) and getattr(other, name):
            found[name] = OTHER
    return found


def _choices(kind: type[Prospect], keep: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    for name, whose in keep.items():
        if name not in FIELDS[kind]:
            errors[name] = ValidationError(NO_FIELD, code="invalid")
        elif whose not in (THIS, OTHER):
            errors[name] = ValidationError(NO_CHOICE, code="invalid_choice")
    if errors:
        raise ValidationError(errors)
    return dict(keep)


def _locked(kind: type[P], person: P, other: P) -> tuple[P, P]:
    """Lock both in the order of their ids, after whoever writes rows about them was let through."""
    keys = [person.pk, other.pk]
    events.people_merging.send(sender=kind, organization_id=person.organization_id, people=keys)
    rows = kind._default_manager.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) < 2:
        raise kind.DoesNotExist
    return found[person.pk], found[other.pk]


def _still_there(merge: Merge) -> tuple[Any, Any]:
    """Return of which kind a merge is and whom it left, who may have been merged on:
    they are locked.
    """
    kind: Any = Lead if merge.lead_id else Contact
    key = merge.lead_id or merge.contact_id
    events.people_merging.send(sender=kind, organization_id=merge.organization_id, people=[key])
    return kind, kind._default_manager.select_for_update(of=("self",)).get(pk=key)


def _take_values(
    person: Prospect, other: Prospect, keep: Mapping[str, str]
) -> dict[str, tuple[Any, Any]]:
    """Give who stays the values that were chosen; return what changed, before and after."""
    kind = type(person)
    changed = {}
    for name, whose in {**defaults(person, other), **keep}.items():
        column = kind._meta.get_field(name).attname  # type: ignore[union-attr]
        before, after = getattr(person, column), getattr(person, column)
        if name == "external_ids":
            after = {**other.external_ids, **person.external_ids}
            if whose == OTHER:
                after = {**person.external_ids, **other.external_ids}
        elif whose == OTHER:
            after = getattr(other, column)
        if after != before:
            setattr(person, column, after)
            changed[name] = (before, after)
    person.email_normalized = one_spelling(person.email)
    check(person)
    return changed


def _give_back(person: Prospect, changed: Mapping[str, list[Any]]) -> list[str]:
    """Give back what a merge changed, but for what was changed since; return the names of that."""
    kept = []
    for name, (before, after) in changed.items():
        column = type(person)._meta.get_field(name).attname  # type: ignore[union-attr]
        now = getattr(person, column)
        if name == "external_ids":
            person.external_ids, whole = _without(now, before, after)
            if not whole:
                kept.append(name)
        elif _plain(now) != after:
            kept.append(name)
        else:
            setattr(person, column, _existing(name, before, person.organization_id))
    person.email_normalized = one_spelling(person.email)
    return kept


def _without(
    now: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[dict[str, str], bool]:
    """Return ids in other systems as they were before; those that are others by now stay."""
    found, whole = dict(now), True
    for name in {*before, *after}:
        if now.get(name) != after.get(name):
            whole = False
        elif name in before:
            found[name] = before[name]
        else:
            found.pop(name, None)
    return found, whole


def _move(moving: Moving) -> dict[str, list[str]]:
    for model in OWN[moving.kind]:
        found = moving.follow(model)
        if model is Appointment and found:
            rows = Appointment.objects.filter(pk__in=found)
            happenings.tell("appointment.updated", rows, changed=[moving.column])
    events.people_merged.send(sender=moving.kind, moving=moving)
    return moving.moved


def _dropped_with_the_merge(merge: Merge, moving: Moving) -> int:
    """Return how many rows went with an earlier undoing: addresses that nobody misses."""
    label = FormerAddress._meta.label_lower
    return len(merge.moved.get(label, ())) - len(moving.moved.get(label, ()))


def _addresses_of(person: Prospect) -> dict[str, str]:
    if not person.email_normalized:
        return {}
    return {person.email_normalized: person.email}


def _remember(row: Merge, person: Prospect, former: Mapping[str, str]) -> None:
    """Keep the addresses that are nobody's own any more: who comes in under one is this person."""
    FormerAddress.objects.bulk_create(
        FormerAddress(
            organization_id=row.organization_id,
            merge=row,
            lead_id=row.lead_id,
            contact_id=row.contact_id,
            email=email,
            email_normalized=normalized,
        )
        for normalized, email in former.items()
        if normalized != person.email_normalized
    )


def _written(person: Prospect) -> dict[str, Any]:
    """Write down all that is known of somebody who goes."""
    fields = [
        field for field in type(person)._meta.fields if field.name not in ("id", "organization")
    ]
    return {field.attname: _plain(getattr(person, field.attname)) for field in fields}


def _again(kind: Any, merge: Merge) -> Any:
    """Make somebody again who was merged, under their own id."""
    values = dict(merge.other)
    made_at = parse_datetime(values.pop("created_at"))
    values.pop("updated_at")
    row = kind(pk=merge.other_id, organization_id=merge.organization_id)
    for column, value in values.items():
        name = kind._meta.get_field(column).name
        setattr(row, column, _existing(name, value, merge.organization_id))
    row.save(force_insert=True)
    kind._default_manager.filter(pk=row.pk).update(created_at=made_at)
    row.created_at = made_at
    return row


def _existing(name: str, value: Any, organization_id: UUID) -> Any:
    """Return the value of a field; of one that names a row that is gone by now, nothing."""
    models: dict[str, Any] = {"qualified_by": Member, "team": Team, "lead": Lead}
    if name not in models or value is None:
        return value
    found = models[name]._default_manager.filter(pk=value, organization_id=organization_id)
    return found.values_list("pk", flat=True).first()


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def _record(action: str, person: Prospect, actor: Any, request: Any, **facts: Any) -> None:
    audit.record(
        action,
        actor=actor,
        target=person,
        request=request,
        organization_id=person.organization_id,
        **facts,
    )

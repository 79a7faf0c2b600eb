"""What is mapped and who wins: how an integration's contact sync is set, read and changed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations import registry
from integrations.contacts.asking import Known, fields_at
from integrations.contacts.mapping import (
    DIRECTIONS,
    EMAIL,
    LABELS,
    PULL,
    PUSH,
    RULES,
    Fields,
    Mapped,
    whole,
)
from integrations.contacts.passes import settings_of
from integrations.contacts.speaking import Contacts, RemoteField
from integrations.models import ContactConflict, ContactSettings, Integration
from integrations.services.writing import record

NO_CONTACTS: Final = _("This service has no contacts that can be synced.")
NO_FIELD: Final = _("Koppel has no such field.")
NO_PROPERTY: Final = _("The service has no such field.")
NOT_KNOWN: Final = _(
    "The service does not answer, so it is not known whether it has this field. Try again later."
)
TWICE: Final = _("Each field can be mapped once.")
NOT_WRITABLE: Final = _("The service lets nobody write this field. Choose the direction to Koppel.")
NO_EMAIL: Final = _("Map the e-mail address: people are found by it.")
NO_CHOICE: Final = _("Choose one of those that are offered.")
NO_SHARE: Final = _("Enter a whole number from 0 to 100.")

_FORGET: Final = """
UPDATE contact_links SET theirs = theirs - 'replaced' - %(names)s::text[]
WHERE integration_id = %(integration)s
"""


def contacts_of(integration: Integration) -> Contacts:
    """Return what the integration's provider says of contacts;
    ValidationError where it has none.
    """
    provider = registry.find(integration.provider)
    if provider is None or provider.contacts is None:
        raise ValidationError(NO_CONTACTS, code="no_contacts")
    return provider.contacts


def fields_of(settings: ContactSettings, contacts: Contacts) -> Fields:
    """Return what is mapped: what was chosen, else the provider's own;
    what cannot be written is not.
    """
    fields = Fields.standard(contacts.mapping)
    if settings.fields:
        fields = Fields.of(settings.fields)
    writable = {field.name for field in contacts.fields if field.writable}
    names = {field.name for field in contacts.fields}
    return Fields(
        tuple(
            Mapped(entry.ours, entry.theirs, PULL, entry.rule)
            if entry.theirs in names - writable and entry.direction != PUSH
            else entry
            for entry in fields.mapped
            if not (entry.theirs in names - writable and entry.direction == PUSH)
        )
    )


def described(integration: Integration) -> dict[str, Any]:
    """Return how an integration's contacts are synced and what can be mapped,
    as the API and the pages show it.
    """
    contacts = contacts_of(integration)
    settings = settings_of(integration)
    theirs = _theirs(integration, contacts, settings)
    return {
        "fields": [entry.kept() for entry in fields_of(settings, contacts).mapped],
        "isUsual": not settings.fields,
        "direction": settings.direction,
        "whenDeleted": settings.when_deleted,
        "deletionLimit": settings.deletion_limit,
        "ourFields": [{"name": name, "label": str(label)} for name, label in LABELS.items()],
        "theirFields": [
            {"name": field.name, "label": str(field.label), "writable": field.writable}
            for field in theirs.fields
        ],
        "theirFieldsNote": str(theirs.note),
        "knownUntil": settings.pulled_until,
        "sentUntil": settings.pushed_until,
        "readInFullAt": settings.full_at,
    }


def choose(
    integration: Integration,
    *,
    fields: Sequence[Mapping[str, Any]] | None = None,
    direction: str | None = None,
    when_deleted: str | None = None,
    deletion_limit: int | None = None,
    actor: Any,
    request: Any = None,
) -> ContactSettings:
    """Change how contacts are synced; ValidationError by field.
    What is mapped anew is looked at in full.
    """
    mapped = _entered(fields or (), integration)
    with transaction.atomic():
        settings = ContactSettings.objects.select_for_update().get(integration=integration)
        contacts = contacts_of(integration)
        before, before_fields = _chosen(settings), fields_of(settings, contacts)
        if fields is not None:
            settings.fields = [entry.kept() for entry in mapped]
        if direction is not None:
            settings.direction = _one_of(direction, DIRECTIONS, "direction")
        if when_deleted is not None:
            settings.when_deleted = _one_of(
                when_deleted, ContactSettings.WhenDeleted.values, "whenDeleted"
            )
        if deletion_limit is not None:
            settings.deletion_limit = _share(deletion_limit)
        if settings.fields != before["fields"]:
            settings.pulled_until = settings.pushed_until = None
            _forget(
                integration, _properties(before_fields) ^ _properties(fields_of(settings, contacts))
            )
        after = _chosen(settings)
        if after != before:
            settings.save()
            changed = sorted(name for name, value in after.items() if value != before[name])
            record("integration.contacts_mapped", integration, actor, request, changed=changed)
    return settings


def _properties(fields: Fields) -> set[tuple[str, str]]:
    return {(entry.ours, entry.theirs) for entry in fields.mapped}


def _forget(integration: Integration, mapped_anew: set[tuple[str, str]]) -> None:
    """Forget what the vendor had of fields that are another property now:
    the other value would pass for an edit.
    """
    names = sorted(
        {whole(ours) for ours, _theirs in mapped_anew} | {ours for ours, _theirs in mapped_anew}
    )
    if not names:
        return
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"names": names, "integration": integration.pk})
    asked = ContactConflict.objects.filter(
        integration=integration, resolved_at=None, fields__has_any_keys=names
    )
    asked.update(resolved_at=timezone.now())


def _chosen(settings: ContactSettings) -> dict[str, Any]:
    return {
        "fields": settings.fields,
        "direction": settings.direction,
        "when_deleted": settings.when_deleted,
        "deletion_limit": settings.deletion_limit,
    }


def _entered(fields: Sequence[Mapping[str, Any]], integration: Integration) -> list[Mapped]:
    """Return what was entered, once the vendor was asked what can be mapped:
    outside of any transaction.
    """
    contacts, settings = contacts_of(integration), settings_of(integration)
    mapped = [Mapped(**entry) for entry in fields]
    if mapped:
        _check(mapped, _theirs(integration, contacts, settings, {entry.theirs for entry in mapped}))
    return mapped


def _theirs(
    integration: Integration,
    contacts: Contacts,
    settings: ContactSettings,
    wanted: Collection[str] = (),
) -> Known:
    """Return what can be mapped. What is mapped already stays among it while the vendor
    cannot be asked.
    """
    theirs = fields_at(integration, contacts, wanted)
    if theirs.is_whole:
        return theirs
    names = {field.name for field in theirs.fields}
    kept = [entry for entry in Fields.of(settings.fields).mapped if entry.theirs not in names]
    more = [RemoteField(entry.theirs, entry.theirs, entry.direction != PULL) for entry in kept]
    return Known([*theirs.fields, *more], theirs.note)


def _check(mapped: Sequence[Mapped], theirs: Known) -> None:
    """Raise ValidationError by `fields.<number>.<name>`."""
    known = {field.name: field for field in theirs.fields}
    absent = NO_PROPERTY
    if not theirs.is_whole:
        absent = NOT_KNOWN
    errors: dict[str, ValidationError] = {}
    often = Counter(entry.ours for entry in mapped) + Counter(
        f"their {entry.theirs}" for entry in mapped
    )
    for number, entry in enumerate(mapped):
        wrong = _wrong(entry, known, often, absent)
        if wrong:
            name, words = wrong
            errors[f"fields.{number}.{name}"] = ValidationError(words, code="invalid_choice")
    if not errors and EMAIL not in {entry.ours for entry in mapped}:
        errors["fields"] = ValidationError(NO_EMAIL, code="required")
    if errors:
        raise ValidationError(errors)


def _wrong(
    entry: Mapped, known: Mapping[str, RemoteField], often: Counter[str], absent: Any
) -> tuple[str, Any] | None:
    """Return the name and the fault of what cannot be mapped so;
    `absent`: that of a field that is not known.
    """
    if entry.ours not in LABELS:
        return "ours", NO_FIELD
    if known and entry.theirs not in known:
        return "theirs", absent
    if often[entry.ours] > 1:
        return "ours", TWICE
    if often[f"their {entry.theirs}"] > 1:
        return "theirs", TWICE
    if entry.direction not in DIRECTIONS:
        return "direction", NO_CHOICE
    if entry.rule not in RULES:
        return "rule", NO_CHOICE
    if known and entry.direction != PULL and not known[entry.theirs].writable:
        return "direction", NOT_WRITABLE
    return None


def _one_of(value: str, choices: Sequence[str], name: str) -> str:
    if value not in choices:
        raise ValidationError({name: ValidationError(NO_CHOICE, code="invalid_choice")})
    return value


def _share(value: int) -> int:
    if not 0 <= value <= 100:
        raise ValidationError({"deletionLimit": ValidationError(NO_SHARE, code="invalid")})
    return value

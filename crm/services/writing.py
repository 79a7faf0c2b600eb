"""What all services of this app do alike: take the values, look at them, store what changed."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from crm.models import Organization
from crm.refusals import NOT_THERE


def same_organization(organization: Organization, **rows: Model | None) -> None:
    """Raise ValidationError, by the field's name, for a row of another organization."""
    foreign = {
        name: ValidationError(NOT_THERE, code="invalid")
        for name, row in rows.items()
        if row is not None and getattr(row, "organization_id", None) != organization.pk
    }
    if foreign:
        raise ValidationError(foreign)


def apply(row: Model, values: Mapping[str, Any]) -> list[str]:
    """Set these values on the row and check them; return the names of those that are new. Nothing
    is stored.
    """
    changed = [
        name
        for name, value in values.items()
        if getattr(row, _column(row, name)) != _plain(row, name, value)
    ]
    for name, value in values.items():
        setattr(row, name, value)
    check(row)
    return changed


def check(row: Model) -> None:
    """Check every value by itself: length, choices, validators.

    What hangs together is the service's and the database's.
    """
    relations = {field.name for field in row._meta.fields if field.is_relation}
    row.clean_fields(exclude=relations)


def _column(row: Model, name: str) -> str:
    return str(getattr(row._meta.get_field(name), "attname", name))


def _plain(row: Model, name: str, value: Any) -> Any:
    if value is not None and row._meta.get_field(name).is_relation:
        return value.pk
    return value

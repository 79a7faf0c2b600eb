"""An integration's configuration as JSON, and the values that its account keeps.

A name with a dot lies in an object: `features.syncContacts` is
`{"features": {"syncContacts": true}}`. A secret is shown as its mask, and a mask that comes back
keeps what is stored. Whatever a client sends is plain text.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.masking import BULLETS, Secret, is_mask, mask_api_key
from core.models import VendorAccount
from core.secrets.crypto import CannotOpen
from core.vendors import Field, Values, destinations
from integrations.providers.base import Provider

# What clients send back of an answer, beside the fields.
BESIDE: Final = frozenset({"provider", "integrationId", "connectionStatus"})
UNKNOWN: Final = _("There is no such field.")
REQUIRED: Final = _("This is needed.")
NO_TEXT: Final = _("Enter a text.")
NO_SWITCH: Final = _("Say true or false.")
NO_NAMES: Final = _("Enter a list of names.")
NO_OBJECT: Final = _("Enter it as JSON: names and texts in braces.")
NOTHING_STORED: Final = _(
    "This is how a stored secret is shown, but none is stored here. Enter the secret itself."
)
DEEPEST: Final = 4
# Of names that nobody declares: as much as helps whoever sent them.
LONGEST_NAMED, MOST_NAMED = 100, 50

Entered = dict[str, "str | Secret | None"]


def read(
    provider: Provider, configuration: Mapping[str, Any], stored: Mapping[str, Any] | None = None
) -> Entered:
    """Return what a client sent, by the names of the fields;
    ValidationError by `configuration.<name>`.

    `stored` has the values whose masks may come back: none of its secrets where they would
    be sent elsewhere now.
    """
    fields = {field.name: field for field in provider.vendor.boxes}
    found: Entered = {}
    errors: dict[str, ValidationError] = {}
    for name, value in _flat(configuration, set(fields)).items():
        if name not in fields:
            errors[f"configuration.{name[:LONGEST_NAMED]}"] = ValidationError(
                UNKNOWN, code="unknown"
            )
            if len(errors) >= MOST_NAMED:
                break
            continue
        try:
            found[name] = _value(fields[name], value, (stored or {}).get(name))
        except ValidationError as error:
            errors[f"configuration.{name}"] = error
    if errors:
        raise ValidationError(errors)
    if stored:
        _refuse_kept_secrets(provider, configuration, stored, found)
    return found


def _refuse_kept_secrets(
    provider: Provider,
    configuration: Mapping[str, Any],
    stored: Mapping[str, Any],
    entered: Entered,
) -> None:
    """Raise ValidationError for each stored secret that would go another way;
    it is entered again, whole.
    """
    after = {**stored, **{name: value for name, value in entered.items() if value is not None}}
    why = destinations.why_again(provider.vendor, stored, after)
    if not why:
        return
    secrets = [field for field in provider.vendor.boxes if field.secret and field.name in stored]
    sent = _flat(configuration, {field.name for field in secrets})
    kept = [
        field.name for field in secrets if _is_kept(entered.get(field.name), sent.get(field.name))
    ]
    if kept:
        again = ValidationError(str(why), code="required")
        raise ValidationError({f"configuration.{name}": again for name in kept})


def _is_kept(entered: Any, sent: Any) -> bool:
    """Tell whether a secret, or a part of one that is an object, is the stored one."""
    if isinstance(sent, str) and sent.lstrip().startswith("{"):
        sent = _object(sent)
    if entered is None:
        return True
    return isinstance(sent, Mapping) and any(map(is_mask, sent.values()))


def complete(provider: Provider, entered: Entered) -> Entered:
    """Return what was entered with the defaults of what was not;
    ValidationError where something is missing.
    """
    found: Entered = {field.name: field.default for field in provider.vendor.boxes if field.default}
    found.update({name: value for name, value in entered.items() if value is not None})
    require_all(provider, found)
    return found


def require_all(provider: Provider, values: Mapping[str, Any]) -> None:
    """Raise ValidationError for each field that must have a value and has none,
    or one that cannot be one.
    """
    errors = problems(provider, values, of=[field.name for field in provider.vendor.boxes])
    if errors:
        raise ValidationError(errors)


def problems(
    provider: Provider, values: Mapping[str, Any], *, of: Collection[str]
) -> dict[str, ValidationError]:
    """Return what is wrong with the values of some fields;
    those in a Secret were looked at when they were stored.
    """
    errors: dict[str, ValidationError] = {}
    for field in provider.vendor.boxes:
        if field.name not in of:
            continue
        value = values.get(field.name)
        name = f"configuration.{field.name}"
        if isinstance(value, Secret):
            continue
        if not value:
            if field.required and field.applies_to(values):
                errors[name] = ValidationError(REQUIRED, code="required")
            continue
        try:
            vendors.check_value(field, value)
        except ValidationError as error:
            errors[name] = error
    return errors


def shown(provider: Provider, account: VendorAccount) -> dict[str, Any]:
    """Return an account's configuration as JSON, its secrets masked."""
    values = vendors.stored(account)
    answer: dict[str, Any] = {"provider": provider.key}
    for field in provider.vendor.boxes:
        _put(answer, field.name, _as_json(field, values))
    return answer


def _flat(
    configuration: Mapping[str, Any], known: set[str], before: str = "", depth: int = 0
) -> dict[str, Any]:
    """Return names with dots for what lies in objects, but for what a field takes as an object."""
    found: dict[str, Any] = {}
    for key, value in configuration.items():
        name = f"{before}{key}"
        if not before and key in BESIDE:
            continue
        if isinstance(value, Mapping) and name not in known and depth < DEEPEST:
            found.update(_flat(value, known, f"{name}.", depth + 1))
        else:
            found[name] = value
    return found


def _value(field: Field, value: Any, stored: Any) -> "str | None":
    if value is None:
        return None
    if field.kind == "checkbox":
        return _switch(value)
    if field.kind == "json":
        return _json_text(value, stored)
    if field.kind == "choices":
        return _names(value)
    if field.kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValidationError(NO_TEXT, code="invalid")
    if field.secret and is_mask(value):
        if stored is None:
            raise ValidationError(NOTHING_STORED, code="invalid")
        return None
    return value.strip()


def _switch(value: Any) -> str:
    if value in (True, "true"):
        return "true"
    if value in (False, "false", ""):
        return "false"
    raise ValidationError(NO_SWITCH, code="invalid")


def _names(value: Any) -> str:
    """Return several choices as text, each once, in the order in which they came."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValidationError(NO_NAMES, code="invalid")
    return ",".join(dict.fromkeys(name.strip() for name in value if name.strip()))


def _json_text(value: Any, stored: Any) -> "str | None":
    """Return an object as text, the stored parts in the place of their masks."""
    if isinstance(value, str):
        if is_mask(value) and stored is not None:
            return None
        if not value.strip():
            return ""
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ValidationError(NO_OBJECT, code="invalid") from error
    if not isinstance(value, Mapping):
        raise ValidationError(NO_OBJECT, code="invalid")
    kept = _object(stored)
    parts: dict[str, str] = {}
    for name, part in value.items():
        if not isinstance(part, str):
            raise ValidationError(NO_OBJECT, code="invalid")
        if is_mask(part) and name not in kept:
            raise ValidationError(NOTHING_STORED, code="invalid")
        parts[name] = part
        if is_mask(part):
            parts[name] = kept[name]
    return json.dumps(parts, ensure_ascii=False, sort_keys=True)


def _object(stored: Any) -> dict[str, str]:
    """Return the parts of a stored object; none where it cannot be opened any more."""
    try:
        text = stored.reveal() if isinstance(stored, Secret) else str(stored or "")
    except CannotOpen:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if isinstance(found, dict):
        return found
    return {}


def _as_json(field: Field, values: Values) -> Any:
    value = values.get(field.name)
    if field.kind == "checkbox":
        return value == "true"
    if field.kind == "choices":
        return [name for name in str(value or "").split(",") if name]
    if value is None:
        return None
    if field.kind == "json":
        return _masked_object(field, value)
    if isinstance(value, Secret):
        return masked(field, value)
    return value


def _masked_object(field: Field, value: "str | Secret") -> dict[str, str]:
    parts = _object(value)
    if not field.secret:
        return parts
    return {name: mask_api_key(part) for name, part in parts.items()}


def masked(field: Field, secret: Secret) -> str:
    """Return a secret's mask; bullets where it cannot be opened any more."""
    try:
        return field.mask(secret.reveal())
    except CannotOpen:
        return BULLETS


def _put(answer: dict[str, Any], name: str, value: Any) -> None:
    *objects, last = name.split(".")
    place = answer
    for each in objects:
        place = place.setdefault(each, {})
    place[last] = value

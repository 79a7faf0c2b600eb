"""An item of an answer as a contact, by where its values stand; and what a test shows of it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from core.vendors import Values
from core.words import moments
from integrations.contacts.speaking import RemoteContact, RemoteField
from integrations.providers.freeform import paths
from integrations.providers.freeform.fields import MAPPED

# Beside the id and the moment of the change, which are no values of a contact's.
OURS: Final = tuple(name for name, _label, _usual in MAPPED if name not in {"id", "changedAt"})
FIELDS: Final = tuple(RemoteField(name, label) for name, label, _usual in MAPPED if name in OURS)
READ_ONLY: Final = tuple(
    RemoteField(name, label, writable=False) for name, label, _usual in MAPPED if name in OURS
)
# The name alone: where a service has it in two parts, it is put together and taken apart.
AS_IS: Final[Mapping[str, str]] = {
    name: name for name in OURS if name not in {"firstName", "lastName"}
}
SHOWN: Final = 5
LONGEST_SHOWN: Final = 100
LONGEST_VALUE: Final = 1000
# A number above this is a moment in milliseconds.
_SECONDS_UNTIL: Final = 100_000_000_000
READ: Final = _("%(count)s read; with an e-mail address: %(mapped)s")
Reader = Callable[[Any, str], str]


def places_of(values: Values) -> dict[str, str]:
    """Return where each value stands, by our names."""
    return {name: values.text(f"mapping.{name}") for name, _label, _usual in MAPPED}


def contact(item: Any, places: Mapping[str, str], at: Reader = paths.text_at) -> RemoteContact:
    """Return an item as a contact; what has no id is known by its address, else by what it says."""
    fields = {name: at(item, places[name])[:LONGEST_VALUE] for name in OURS if places.get(name)}
    if not fields.get("name"):
        parts = [fields.get(part, "") for part in ("firstName", "lastName")]
        fields["name"] = " ".join(part for part in parts if part)[:LONGEST_VALUE]
    found = at(item, places.get("id", ""))[:200] or fields.get("email", "").lower()
    if not found:
        content = json.dumps(item, sort_keys=True, default=str).encode(errors="replace")
        found = f"content:{hashlib.sha256(content).hexdigest()[:24]}"
    return RemoteContact(found, fields, moment(at(item, places.get("changedAt", ""))))


def moment(text: str) -> datetime | None:
    """Return the moment that a text says, in any of the usual ways; None for none."""
    if not text:
        return None
    try:
        number = float(text)
        return datetime.fromtimestamp(number / 1000 if number > _SECONDS_UNTIL else number, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        found = parse_datetime(_with_whole_zone(text))
        day = None if found else parse_date(text)
    except ValueError:
        return None
    if day is not None:
        found = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if found is None:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return moments.in_utc(found)


def _with_whole_zone(text: str) -> str:
    """Return PostgreSQL's `+00` as `+00:00`."""
    if len(text) > 3 and text[-3] in "+-" and text[-2:].isdecimal() and ":" in text:
        return f"{text}:00"
    return text


def preview(items: Sequence[Any], contacts: Sequence[RemoteContact]) -> dict[str, Any]:
    """Return what a test shows: how many have each value, the first few,
    and what an item has at all.
    """
    return {
        "read": len(contacts),
        "mapped": {name: sum(bool(each.fields.get(name)) for each in contacts) for name in OURS},
        "first": [
            {
                "id": each.id,
                **{name: text[:LONGEST_SHOWN] for name, text in each.fields.items() if text},
            }
            for each in contacts[:SHOWN]
        ],
        "found": names_in(items[0])[:50] if items else [],
    }


def names_in(item: Any, before: str = "", depth: int = 0) -> list[str]:
    """Return the paths of the single values in an item, for a person to choose from."""
    found: list[str] = []
    if isinstance(item, dict) and depth < 4:
        for name, inner in item.items():
            found += names_in(inner, f"{before}.{name}" if before else str(name), depth + 1)
    elif isinstance(item, list) and depth < 4:
        if item:
            found += names_in(item[0], f"{before}[0]", depth + 1)
    elif before:
        found.append(before[: paths.LONGEST])
    return found

"""Events: seventeen names that can be subscribed to, and what people call them."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from json import dumps
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.words.digits import are_digits, is_whole

# As they are subscribed to; they arrive in capitals.
NAMES: Final = (
    "email_sent",
    "manual_email_sent",
    "lead_first_contacted",
    "lead_replied",
    "lead_interested",
    "lead_unsubscribed",
    "untracked_reply_received",
    "email_opened",
    "email_bounced",
    "email_account_added",
    "email_account_removed",
    "email_account_disconnected",
    "email_account_reconnected",
    "tag_attached",
    "tag_removed",
    "warmup_disabled_receiving_bounces",
    "warmup_disabled_causing_bounces",
)
# The vendor's own test of a webhook knows the others alone.
WITHOUT_SAMPLE: Final = frozenset(NAMES[13:])
REPLIES: Final = frozenset(
    {"lead_replied", "lead_interested", "untracked_reply_received", "email_bounced"}
)
ACCOUNTS: Final = frozenset(name for name in NAMES if name.startswith("email_account_"))
# What a workspace's webhook asks for where nobody chose.
USUAL: Final = (
    "lead_replied",
    "lead_interested",
    "lead_unsubscribed",
    "untracked_reply_received",
    "email_bounced",
    "email_account_added",
    "email_account_removed",
    "email_account_disconnected",
    "email_account_reconnected",
)
_SYNONYMS: Final = {
    "interested": "lead_interested",
    "replied": "lead_replied",
    "reply_received": "lead_replied",
    "sent": "email_sent",
    "bounce": "email_bounced",
    "bounced": "email_bounced",
    "email_bounce": "email_bounced",
    "unsubscribed": "lead_unsubscribed",
    "lead_unsubscribe": "lead_unsubscribed",
    "opened": "email_opened",
    "email_open": "email_opened",
    "first_contacted": "lead_first_contacted",
    "lead_first_emailed": "lead_first_contacted",
    "account_added": "email_account_added",
    "account_removed": "email_account_removed",
    "account_disconnected": "email_account_disconnected",
    "account_reconnected": "email_account_reconnected",
    "untracked_reply": "untracked_reply_received",
}
NO_SUCH_EVENT: Final = _("Email Bison has no event “%(name)s”. It has: %(names)s.")
LONGEST: Final = 60
# What makes an event the same each time that it comes, the first that it has.
_NUMBERED: Final = ("reply", "campaign_event", "scheduled_email")


def real_name(name: str) -> str:
    """Return the vendor's name for what a person or a program calls an event;
    '' where there is none.
    """
    plain = name.strip().lower().replace(".", "_").replace(" ", "_").replace("-", "_")
    for candidate in (plain, plain.replace("contact_", "lead_", 1)):
        found = _SYNONYMS.get(candidate, candidate)
        if found in NAMES:
            return found
    return ""


def chosen(names: Iterable[str]) -> list[str]:
    """Return the vendor's names, each once and in its order; ValidationError for what is none."""
    found = set()
    for name in names:
        real = real_name(name)
        if not real:
            facts = {"name": name[:LONGEST], "names": ", ".join(NAMES)}
            raise ValidationError({"events": ValidationError(NO_SUCH_EVENT, params=facts)})
        found.add(real)
    return [name for name in NAMES if name in found]


def envelope(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what holds `event` and `data`: the body of a delivery,
    or within a row of the vendor's log.
    """
    inside = payload.get("payload")
    if isinstance(inside, Mapping) and "event" in inside:
        return inside
    return payload


def part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part of the envelope that is an object; an empty one where it is none."""
    found = envelope(payload).get(name)
    if isinstance(found, Mapping):
        return found
    return {}


def type_of(payload: Mapping[str, Any]) -> str:
    """Return an event's name as it is subscribed to; of one that nobody can,
    its own in lower case.
    """
    event = envelope(payload).get("event")
    kind = event.get("type") if isinstance(event, Mapping) else event
    if not isinstance(kind, str):
        return ""
    return kind.strip().lower()


def workspace_of(payload: Mapping[str, Any]) -> int | None:
    """Return the number of the workspace that an event is of."""
    return whole(part(payload, "event").get("workspace_id"))


def whole(value: Any) -> int | None:
    """Return a number that the vendor wrote as a number or as text; None for what cannot be one."""
    if are_digits(value, 18):
        return int(value)
    if is_whole(value) and 0 <= value < 2**63:
        return value
    return None


def identity(payload: Mapping[str, Any]) -> str:
    """Return what makes a second delivery the same one: the vendor sends no id.

    Its row in the vendor's log has the same.
    """
    data = part(payload, "data")
    beginning = f"{workspace_of(payload)}:{type_of(payload)[:LONGEST]}"
    for name in _NUMBERED:
        about = data.get(name)
        number = whole(about.get("id")) if isinstance(about, Mapping) else None
        if number is not None:
            return f"{beginning}:{name}:{number}"
    written = dumps(data, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")
    return f"{beginning}:{sha256(written).hexdigest()}"

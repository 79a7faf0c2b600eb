"""Who did what. record() adds one act to the audit log, in the act's own transaction,
or the act does not happen.

    with transaction.atomic():
        ... the act ...
        audit.record(
            "setting.changed", actor=user, target=row, request=request, old=before, new=after
        )

Call it last: it locks the chain's head until the transaction ends. Values go in as keyed
hashes only (`old`, `new`); facts are for what may be read by an auditor: a Secret among them
shows as bullets.
"""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection, models
from django.db.transaction import TransactionManagementError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.audit import chain
from core.masking import Secret
from core.models import AuditEvent
from core.secrets import crypto
from core.serving.client_ip import client_ip

# Every action that may be recorded. Other apps add theirs:
# audit.ACTIONS["bison.key_promoted"] = _("…").
ACTIONS: Final[dict[str, Any]] = {
    "account.removed": _("An account at a vendor was removed"),
    "audit.accepted": _("A fault of the audit log was acknowledged and the chain carried on"),
    "audit.exported": _("The audit log was exported"),
    "audit.redacted": _("A row of the audit log lost a person who was erased"),
    "audit.verified": _("The audit log was verified"),
    "channel.added": _("An alert channel was added"),
    "channel.changed": _("An alert channel was changed"),
    "channel.removed": _("An alert channel was removed"),
    "channel.tested": _("An alert channel was tested"),
    "connection.tested": _("A connection was tested"),
    "export.made": _("Data was exported"),
    "incident.acknowledged": _("An incident was acknowledged"),
    "incident.closed": _("An incident was closed by hand"),
    "incident.snoozed": _("An incident was snoozed"),
    "incident.woken": _("A snooze was ended"),
    "key.changed": _("A key was changed"),
    "key.discarded": _("A key that waited was discarded"),
    "key.promoted": _("A key that waited was put in use"),
    "key.removed": _("A key was removed"),
    "lockout.lifted": _("A lock-out was lifted by staff"),
    "maintenance.changed": _("A maintenance window was changed"),
    "maintenance.ended": _("A maintenance window was ended"),
    "maintenance.planned": _("A maintenance window was planned"),
    "notifications.changed": _("Someone chose what Koppel mails them"),
    "password.set": _("Someone's password was set by staff"),
    "role.changed": _("A role or permission was changed"),
    "run.cancelled": _("A run was cancelled"),
    "second_factor.reset": _("Someone's second factor was taken away by staff"),
    "secret.changed": _("A secret was changed"),
    "secret.revealed": _("The full value of a secret was read"),
    "secret.rotated": _("Stored secrets were sealed under the newest key"),
    "session.ended": _("Someone's sessions were ended by staff"),
    "session.refused": _("A sign-in was refused"),
    "session.signed_in": _("Someone signed in"),
    "session.signed_out": _("Someone signed out"),
    "setting.changed": _("A setting was changed"),
    "setting.removed": _("A setting was removed"),
    "tier.changed": _("An organization's tier was changed"),
    "user.added": _("A user was added"),
    "user.changed": _("A user was changed"),
    "user.removed": _("A user was removed"),
    "webhook.changed": _("A webhook was changed"),
    "webhook.replayed": _("Webhook deliveries were replayed"),
}
LONGEST_FACT: Final = 1000


def record(
    action: str,
    *,
    actor: Any = None,
    target: models.Model | None = None,
    request: Any = None,
    organization_id: uuid.UUID | None = None,
    old: str | Secret | None = None,
    new: str | Secret | None = None,
    **facts: Any,
) -> AuditEvent:
    """Add one act to the chain. `actor` is a user, a name for what is not a person,
    or None for the request's user.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action} is not in audit.ACTIONS")
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            "audit.record() belongs in the transaction of the act that it records"
        )
    actor_id, actor_name = _who(actor, request)
    event = AuditEvent(
        action=action,
        actor_id=actor_id,
        actor_name=actor_name,
        organization_id=organization_id,
        **_target_columns(target),
        **_request_columns(request),
        old_value=value_hash(old),
        new_value=value_hash(new),
        facts=_plain(facts),
    )
    return chain.append(event)


def _target_columns(target: models.Model | None) -> dict[str, Any]:
    """Return what a row keeps of what was acted on."""
    if target is None:
        return {"target_type": "", "target_id": "", "target_name": ""}
    return {
        "target_type": target._meta.label_lower,
        "target_id": _clean(str(target.pk), 80),
        "target_name": _name_of(target),
    }


def _name_of(target: models.Model) -> str:
    """Return what it is called; nothing where that names a person outside,
    who may ask to be erased.
    """
    if getattr(target, "is_about_a_person", False):
        return ""
    return _clean(str(target), 200)


def _request_columns(request: Any) -> dict[str, Any]:
    """Return what a row keeps of the request that an act came with."""
    if request is None:
        return {"ip": None, "user_agent": ""}
    return {
        "ip": client_ip(request),
        "user_agent": _clean(request.META.get("HTTP_USER_AGENT", ""), 300),
    }


def record_accepted(reason: str, problems: int) -> AuditEvent:
    """Carry a chain on that people know to be broken: the first thing in it then
    is that, and why.
    """
    facts = _plain({"reason": reason, "problems": problems})
    return chain.accept(AuditEvent(action="audit.accepted", actor_name="verify_audit", facts=facts))


def value_hash(value: str | Secret | None) -> str:
    """Return what stands in the log for a value: equal values, equal hashes;
    none can be guessed without our key.
    """
    if value is None:
        return ""
    if isinstance(value, Secret):
        value = value.reveal()
    return crypto.mac("audit/value", value.encode("utf-8", "surrogatepass"))


def _who(actor: Any, request: Any) -> tuple[uuid.UUID | None, str]:
    if actor is None and request is not None:
        actor = getattr(request, "user", None)
    if isinstance(actor, str):
        return None, _clean(actor, 200)
    if actor is None or not getattr(actor, "is_authenticated", False):
        return None, ""
    return actor.pk, _clean(actor.get_username(), 200)


def _plain(value: Any) -> Any:
    """Return the value as JSON that comes back from the database exactly as it went in,
    so that its hash still fits.
    """
    if isinstance(value, Secret):
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str | Promise):
        return _clean(str(value), LONGEST_FACT)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping):
        return {_clean(str(key), 100): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    raise TypeError(
        f"A fact is plain data, not {type(value).__name__}: say what an auditor needs of it"
    )


def _number(value: float) -> Any:
    """Return the number as jsonb keeps it: 1e3 comes back as 1000, minus zero as 0;
    NaN and the very large as text.
    """
    if value != value or abs(value) >= 1e15:
        return str(value)
    if value == int(value):
        return int(value)
    return value


def _clean(text: str, longest: int) -> str:
    """Return text that PostgreSQL takes: no NUL, no half surrogate pairs, not too long."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:longest]

"""Our webhook in an account at Chatwoot: registered once, found again, and removed."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import locks, vendors
from core.inbox import token_fingerprint
from integrations.helpdesk.desks import Desk, Open
from integrations.models import ChatwootWebhook, Integration
from integrations.providers.chatwoot.answers import VENDOR, Invalid, Missing, Odd
from integrations.providers.chatwoot.client import number_of, path_of, payload_of, rows_in, text_of
from integrations.providers.chatwoot.provider import PROVIDER
from integrations.providers.chatwoot.webhooks import EVENTS, PATH
from integrations.services.writing import record

TOKEN_BYTES: Final = 32
NAME: Final = "Koppel"
NOT_CHATWOOT: Final = _("Only Chatwoot has such a webhook.")


def register(integration: Integration, *, actor: Any, request: Any = None) -> ChatwootWebhook:
    """Have Chatwoot send us what happens to contacts. Registered before, it is found and set right again."""
    if integration.provider != PROVIDER.key:
        raise ValidationError(NOT_CHATWOOT, code="invalid")
    row = _row_of(integration)
    with Desk(integration.organization, integration.account, integration).open("register-webhook") as at:
        found = _found(at, row) or _made(at, row)
    row.vendor_id, row.secret, row.registered_at = number_of(found), text_of(found, "secret") or None, timezone.now()
    with transaction.atomic():
        row.save(update_fields=["vendor_id", "secret", "registered_at", "account_id"])
        record("helpdesk.webhook_registered", integration, actor, request)
    return row


def remove(integration: Integration, *, actor: Any, request: Any = None) -> bool:
    """Remove our webhook there and here, and tell whether there was one; VendorError where it stays there."""
    row = ChatwootWebhook.objects.filter(integration=integration).first()
    if row is None:
        return False
    with Desk(integration.organization, integration.account, integration).open("remove-webhook") as at:
        found = _found(at, row)
        if found is not None:
            _delete(at, number_of(found))
    with transaction.atomic():
        record("helpdesk.webhook_removed", integration, actor, request)
        row.delete()
    return True


def address_of(row: ChatwootWebhook) -> str:
    """Return where Chatwoot is to send this account's events."""
    return f"{settings.PUBLIC_URL}{PATH}/{row.token.reveal()}"


def _row_of(integration: Integration) -> ChatwootWebhook:
    """Return the row of the integration's webhook, made with a token of its own when it is first asked for."""
    account_id = int(vendors.plain(integration.account, "accountId"))
    with transaction.atomic():
        locks.hold("helpdesk.webhook", integration.pk)
        row = ChatwootWebhook.objects.filter(integration=integration).first()
        if row is None:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            row = ChatwootWebhook.objects.create(
                integration=integration, token=token, token_hash=token_fingerprint(token), account_id=account_id
            )
    row.account_id = account_id
    return row


def _found(at: Open, row: ChatwootWebhook) -> Mapping[str, Any] | None:
    """Return our webhook as Chatwoot lists it; None where it does not."""
    listed = payload_of(at.client.get(path_of(at.values, "/webhooks")))
    rows = rows_in(listed.get("webhooks") if isinstance(listed, Mapping) else None)
    address = address_of(row)
    return next((found for found in rows if text_of(found, "url", 2000) == address), None)


def _made(at: Open, row: ChatwootWebhook) -> Mapping[str, Any]:
    wish = {"url": address_of(row), "name": NAME, "subscriptions": list(EVENTS)}
    try:
        made = payload_of(at.client.post(path_of(at.values, "/webhooks"), json=wish))
    except Invalid as error:
        # Another request was first.
        found = _found(at, row) if error.is_taken else None
        if found is None:
            raise
        return found
    hook = made.get("webhook") if isinstance(made, Mapping) else None
    if not isinstance(hook, Mapping):
        raise Odd(VENDOR)
    return hook


def _delete(at: Open, number: int) -> None:
    try:
        at.client.delete(path_of(at.values, f"/webhooks/{number}"))
    except Missing:
        # Somebody was first.
        return

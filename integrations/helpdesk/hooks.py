"""Our webhook in each account at Chatwoot: made by Koppel itself, looked at each day,
and removed with the integration.

Without it contacts are synced by the clock alone.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import locks, vendors
from core.errors import VendorError
from core.inbox import token_fingerprint
from core.secrets.crypto import CannotOpen
from integrations.helpdesk.desks import Desk, Open
from integrations.models import ChatwootWebhook, Integration
from integrations.providers.chatwoot.answers import VENDOR, Invalid, Missing, Odd
from integrations.providers.chatwoot.client import number_of, path_of, payload_of, rows_in, text_of
from integrations.providers.chatwoot.provider import PROVIDER
from integrations.providers.chatwoot.webhooks import EVENTS, PATH

TOKEN_BYTES: Final = 32
NAME: Final = "Koppel"
LOOKED_AT_EVERY: Final = timedelta(hours=20)
NO_SYNC: Final = Q(**{"account__values__features.syncContacts": "false"})
logger = structlog.get_logger(__name__)


def keep() -> int:
    """Look at the webhooks whose time has come, and tell how many stand.

    Where no contacts are exchanged any more there is to be none.
    """
    long_ago = timezone.now() - LOOKED_AT_EVERY
    due = (
        Q(chatwoot_webhook=None)
        | Q(chatwoot_webhook__checked_at=None)
        | Q(chatwoot_webhook__checked_at__lt=long_ago)
    )
    rows = Integration.objects.filter(provider=PROVIDER.key, is_active=True).select_related(
        "account", "organization"
    )
    unwanted = rows.filter(NO_SYNC, chatwoot_webhook__isnull=False)
    for integration in unwanted:
        leave(integration)
    return sum(
        _kept(integration)
        for integration in rows.filter(due).exclude(NO_SYNC).order_by("created_at")
    )


def register(integration: Integration) -> ChatwootWebhook:
    """Have Chatwoot send us what happens to contacts. What is there is found;
    VendorError where it cannot be.
    """
    row = _row_of(integration)
    row.checked_at, row.vendor_id = timezone.now(), None
    try:
        with Desk(integration.organization, integration.account, integration).open(
            "register-webhook"
        ) as at:
            found = _found(at, row) or _made(at, row)
        row.vendor_id, row.secret = number_of(found), text_of(found, "secret") or None
    finally:
        row.save(update_fields=["checked_at", "vendor_id", "secret", "account_id"])
    return row


def leave(integration: Integration) -> bool:
    """Remove our webhook there, and tell whether that was done, and here:
    what it sends is taken no more.
    """
    row = ChatwootWebhook.objects.filter(integration=integration).first()
    if row is None:
        return True
    is_gone = False
    desk = Desk(integration.organization, integration.account, integration)
    with suppress(VendorError, CannotOpen), desk.open("remove-webhook") as at:
        found = _found(at, row)
        if found is not None:
            _delete(at, number_of(found))
        is_gone = True
    row.delete()
    return is_gone


def address_of(row: ChatwootWebhook) -> str:
    """Return where Chatwoot is to send this account's events."""
    return f"{settings.PUBLIC_URL}{PATH}/{row.token.reveal()}"


def _kept(integration: Integration) -> bool:
    try:
        return register(integration).vendor_id is not None
    except (VendorError, CannotOpen) as error:
        # Its state says so already; the next look is in a day.
        logger.info(
            "chatwoot_webhook_refused", integration=str(integration.pk), why=type(error).__name__
        )
        return False


def _row_of(integration: Integration) -> ChatwootWebhook:
    """Return the row of the integration's webhook, made with a token of its own when
    it is first asked for.
    """
    account_id = int(vendors.plain(integration.account, "accountId"))
    with transaction.atomic():
        locks.hold("helpdesk.webhook", integration.pk)
        row = ChatwootWebhook.objects.filter(integration=integration).first()
        if row is None:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            row = ChatwootWebhook.objects.create(
                integration=integration,
                token=token,
                token_hash=token_fingerprint(token),
                account_id=account_id,
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
    # Somebody may have been first.
    with suppress(Missing):
        at.client.delete(path_of(at.values, f"/webhooks/{number}"))

"""Our webhook at each company: made by Koppel itself, and looked at each day.

Pipedrive bans a webhook that fails, and deletes it after three days: one that is gone is made
again, and one that could not be taken away with its integration ends by itself. Who is no
administrator there may make none: then the clock alone has contacts fetched.
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
from core.errors import BadCredentials, Incomplete, Rejected, VendorError
from core.http import Client
from core.inbox import token_fingerprint
from core.secrets.crypto import CannotOpen
from integrations.models import Integration, PipedriveWebhook
from integrations.providers.base import context_of
from integrations.providers.pipedrive.answers import Odd, body_of, number_in, record_of, rows_of
from integrations.providers.pipedrive.client import client_of
from integrations.providers.pipedrive.names import HOOKS, KEY, VENDOR
from integrations.providers.pipedrive.probes import details
from integrations.providers.pipedrive.webhooks import PATH, USER

SECRET_BYTES: Final = 32
LOOKED_AT_EVERY: Final = timedelta(hours=20)
NAME: Final = "Koppel"
WISHED: Final = {"event_action": "*", "event_object": "person", "version": "2.0", "name": NAME}
ABSENT: Final = (200, 404)
logger = structlog.get_logger(__name__)


def keep() -> int:
    """Look at the webhooks whose time has come, and tell how many stand."""
    long_ago = timezone.now() - LOOKED_AT_EVERY
    due = Q(pipedrive_webhook=None) | Q(pipedrive_webhook__checked_at=None)
    due |= Q(pipedrive_webhook__checked_at__lt=long_ago)
    rows = Integration.objects.filter(due, provider=KEY, is_active=True).select_related("account")
    return sum(_kept(integration) for integration in rows.order_by("created_at"))


def register(integration: Integration) -> PipedriveWebhook:
    """Have Pipedrive send us what happens to persons. What is there is found;
    VendorError where it cannot be.
    """
    account = integration.account
    client = client_of(account, vendors.current(account), context_of(account, "register-webhook"))
    row = _row_of(integration, int(details(client)["company_id"]))
    row.checked_at, row.vendor_id = timezone.now(), None
    try:
        row.vendor_id = _found(client, row) or _made(client, row)
    finally:
        row.save(update_fields=["checked_at", "vendor_id", "company_id"])
    return row


def leave(integration: Integration) -> bool:
    """Remove our webhook there, and tell whether that was done, and here:
    what it sends is taken no more.
    """
    row = PipedriveWebhook.objects.filter(integration=integration).first()
    if row is None:
        return True
    is_gone = False
    account = integration.account
    with suppress(VendorError, CannotOpen):
        client = client_of(account, vendors.current(account), context_of(account, "remove-webhook"))
        found = _found(client, row)
        if found is not None:
            client.delete(f"{HOOKS}/{found}", ok=ABSENT)
        is_gone = True
    row.delete()
    return is_gone


def address_of(row: PipedriveWebhook) -> str:
    """Return where Pipedrive is to send this account's events."""
    return f"{settings.PUBLIC_URL}{PATH}/{row.token.reveal()}"


def _kept(integration: Integration) -> bool:
    try:
        return register(integration).vendor_id is not None
    except (BadCredentials, Incomplete, Rejected) as error:
        # Its state says so already, or it may make none; the next look is in a day.
        logger.info(
            "pipedrive_webhook_refused", integration=str(integration.pk), status=error.status
        )
        return False
    except (VendorError, CannotOpen):
        logger.info("pipedrive_webhook_not_looked_at", integration=str(integration.pk))
        return False


def _row_of(integration: Integration, company_id: int) -> PipedriveWebhook:
    """Return the row of the account's webhook, made with secrets of its own when
    it is first asked for.
    """
    with transaction.atomic():
        locks.hold("integrations.pipedrive_webhook", integration.pk)
        row = PipedriveWebhook.objects.filter(integration=integration).first()
        if row is None:
            token = secrets.token_urlsafe(SECRET_BYTES)
            row = PipedriveWebhook.objects.create(
                integration=integration,
                token=token,
                token_hash=token_fingerprint(token),
                password=secrets.token_urlsafe(SECRET_BYTES),
                company_id=company_id,
            )
        row.refresh_from_db()
    row.company_id = company_id
    return row


def _found(client: Client, row: PipedriveWebhook) -> int | None:
    """Return our webhook as Pipedrive lists it; None where it does not.
    What else has its address is deleted.

    The list shows passwords: nothing keeps it.
    """
    answer = client.get(HOOKS, hides={"password": row.password.reveal()})
    ours = None
    for listed in rows_of(body_of(answer)):
        number = number_in(listed)
        if number is None or listed.get("subscription_url") != address_of(row):
            continue
        if ours is None and _is_ours(listed, row):
            ours = number
        else:
            client.delete(f"{HOOKS}/{number}", ok=ABSENT)
    return ours


def _is_ours(listed: Mapping[str, Any], row: PipedriveWebhook) -> bool:
    """Tell whether a webhook is as we made it, and in force."""
    is_active = listed.get("is_active") in (1, True)
    return is_active and listed.get("http_auth_password") == row.password.reveal()


def _made(client: Client, row: PipedriveWebhook) -> int:
    wish = {
        **WISHED,
        "subscription_url": address_of(row),
        "http_auth_user": USER,
        "http_auth_password": row.password.reveal(),
    }
    made = record_of(client.post(HOOKS, json=wish))
    number = number_in(made)
    if number is None:
        raise Odd(VENDOR)
    return number

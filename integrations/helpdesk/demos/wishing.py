"""Asking for a demo: the same wish of the same person comes to the same demo,
however often it is sent.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit, runs, vendors
from core.errors import Conflicting
from core.models import User
from integrations.helpdesk import names
from integrations.helpdesk.demos.making import KIND
from integrations.helpdesk.desks import Desk
from integrations.models import Demo

State = Demo.State
NO_NAME: Final = _("Give the demo a name.")
NO_WEBSITE: Final = _("Enter the address of a website, as in https://shop.example.")
NO_INBOXES: Final = _(
    "This Chatwoot is set so that Koppel makes no inboxes in it. Switch that on in its "
    "settings first."
)
BEING_DELETED: Final = _(
    "This demo is just being deleted. Delete it again if that takes long; then ask for a new one."
)
_is_url = URLValidator(schemes=["http", "https"])


class SwitchedOff(Conflicting):
    """Whoever connected the Chatwoot wants no inboxes made in it."""

    conflict = "no_inboxes"


class BeingDeleted(Conflicting):
    """Somebody is taking it away."""

    conflict = "being_deleted"


@dataclass(frozen=True, slots=True)
class Asked:
    """The demo, and the run that makes it; None where it is there already."""

    demo: Demo
    started: runs.Started | None


def ask(desk: Desk, user: User, *, name: str, website_url: str, request: Any = None) -> Asked:
    """Have a demo made, or find the one that was asked for before. What failed is tried again.

    ValidationError by field; SwitchedOff where the integration is to make no inboxes,
    BeingDeleted for one that goes.
    """
    name, website_url = checked(name, website_url)
    if vendors.current(desk.account).text("features.autoCreateInboxes") == "false":
        raise SwitchedOff(NO_INBOXES)
    with transaction.atomic():
        demo, is_new = Demo.objects.select_for_update().get_or_create(
            key=_key(desk, user, name, website_url),
            defaults={
                "organization": desk.organization,
                "owner": user,
                "integration": desk.integration,
                "name": name,
                "website_url": website_url,
            },
        )
        if demo.state == State.READY:
            return Asked(demo, None)
        if demo.state == State.REMOVING:
            raise BeingDeleted(BEING_DELETED)
        if demo.state == State.FAILED:
            demo.state, demo.error, demo.error_said = State.CREATING, "", {}
            demo.save(update_fields=["state", "error", "error_said", "updated_at"])
        started = runs.start(
            KIND, demo, organization_id=desk.organization.pk, started_by=user, trigger="api"
        )
        if is_new:
            _record("helpdesk.demo_asked", demo, user, request)
    return Asked(demo, started)


def checked(name: str, website_url: str) -> tuple[str, str]:
    """Return both as they are kept; ValidationError by field."""
    errors: dict[str, ValidationError] = {}
    website_url = website_url.strip()
    try:
        name = names.checked(name, NO_NAME)
    except ValidationError as error:
        errors["name"] = error
    if not _is_website(website_url):
        errors["websiteUrl"] = ValidationError(NO_WEBSITE, code="invalid")
    if errors:
        raise ValidationError(errors)
    return name, website_url


def _is_website(url: str) -> bool:
    """Tell whether it is a website's address; nobody calls it, so it may be any,
    but bears no password.
    """
    try:
        _is_url(url)
        return "@" not in urlsplit(url).netloc
    except (ValidationError, ValueError):
        return False


def _key(desk: Desk, user: User, name: str, website_url: str) -> str:
    parts = urlsplit(website_url)
    website = (
        parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower())
        .geturl()
        .rstrip("/")
    )
    place = desk.integration.pk if desk.integration else ""
    words = [str(desk.organization.pk), str(place), str(user.pk), name.casefold(), website]
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def _record(action: str, demo: Demo, actor: Any, request: Any) -> None:
    audit.record(
        action, actor=actor, target=demo, request=request, organization_id=demo.organization_id
    )

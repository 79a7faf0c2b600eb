"""Changing an integration: its name, its values, who may use it, whose it is,
and what stands in for it.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.models import User
from crm import access
from crm.models import Member
from integrations import configuration, registry
from integrations.models import Integration
from integrations.services import activating, waiting
from integrations.services.creating import checked_name
from integrations.services.writing import lock, record

OTHER_PROVIDER: Final = _("An integration stays with its service. Connect the other one beside it.")
OTHER_TYPE: Final = _("An integration stays what it is. Connect the other beside it.")
NO_COLLEAGUE: Final = _("Choose a colleague of this organization.")
NO_FALLBACK: Final = _("Choose another integration of yours of the same type.")


def change(
    integration: Integration,
    *,
    name: str | None = None,
    kind: str | None = None,
    given: Mapping[str, Any] | None = None,
    actor: Any,
    request: Any = None,
    insist: bool = False,
) -> vendors.Saved | None:
    """Change the name and the values that were sent; the others stay.
    Return what came of the values.

    New values of an integration that works wait beside those in use until they have worked,
    unless the person insists.
    """
    if kind is not None and kind != integration.type:
        raise ValidationError({"type": ValidationError(OTHER_TYPE, code="invalid_choice")})
    if name is not None:
        name = checked_name(name)
    entered: configuration.Entered = {}
    if given is not None:
        entered = _entered(integration, given)
    if name is not None and name != integration.name:
        _rename(integration, name, actor, request)
    if not entered:
        return None
    with waiting.of(actor):
        return vendors.save(
            integration.account, entered, actor=actor, request=request, insist=insist
        )


def share(integration: Integration, *, is_shared: bool, actor: Any, request: Any = None) -> None:
    """Let colleagues use it, or no longer."""
    with transaction.atomic():
        changed = Integration.objects.filter(pk=integration.pk, is_shared=not is_shared).update(
            is_shared=is_shared
        )
        if changed:
            record("integration.shared", integration, actor, request, is_shared=is_shared)
    integration.refresh_from_db()


def transfer(integration: Integration, user: User, *, actor: Any, request: Any = None) -> None:
    """Make a colleague its owner; ValidationError for somebody who does not belong
    to the organization.

    What goes out by it is what its owner sees. So what somebody gives away who does not see the
    whole organization is switched off, until the new owner has looked at where it leads and
    switches it on.
    """
    with transaction.atomic():
        lock(integration)
        member = Member.objects.select_for_update().filter(
            organization_id=integration.organization_id, user=user
        )
        if not member.exists():
            raise ValidationError({"owner": ValidationError(NO_COLLEAGUE, code="invalid_choice")})
        Integration.objects.filter(pk=integration.pk).update(owner=user)
        record("integration.transferred", integration, actor, request, to=str(user.pk))
        if actor != user and not _sees_all(actor, integration):
            activating.deactivate(integration, actor=actor, request=request)
    integration.refresh_from_db()


def schedule(
    integration: Integration, minutes: int | None, *, actor: Any, request: Any = None
) -> None:
    """Have its records fetched every so many minutes, the first time right away;
    None: by hand alone.
    """
    next_sync_at = timezone.now() if minutes else None
    with transaction.atomic():
        Integration.objects.filter(pk=integration.pk).update(
            sync_every=minutes, next_sync_at=next_sync_at
        )
        record("integration.scheduled", integration, actor, request, minutes=minutes)
    integration.refresh_from_db()


def stand_in(
    integration: Integration, fallback: Integration | None, *, actor: Any, request: Any = None
) -> None:
    """Say which other integration takes its place while it does not work; None: none."""
    check_stand_in(integration, fallback)
    with transaction.atomic():
        Integration.objects.filter(pk=integration.pk).update(fallback=fallback)
        other = ""
        if fallback is not None:
            other = str(fallback.pk)
        record("integration.fallback_set", integration, actor, request, fallback=other)
    integration.refresh_from_db()


def check_stand_in(integration: Integration, fallback: Integration | None) -> None:
    """Raise ValidationError for what cannot take its place."""
    if fallback is not None and not stand_ins(integration).filter(pk=fallback.pk).exists():
        raise ValidationError({"fallback": ValidationError(NO_FALLBACK, code="invalid_choice")})


def _entered(integration: Integration, given: Mapping[str, Any]) -> configuration.Entered:
    """Return what was sent; ValidationError for another provider, or for what would leave
    it without a value.
    """
    provider = registry.provider_of(integration)
    if str(given.get("provider", provider.key)) != provider.key:
        raise ValidationError(
            {"configuration.provider": ValidationError(OTHER_PROVIDER, code="invalid_choice")}
        )
    stored = vendors.stored(integration.account)
    entered = configuration.read(provider, given, stored)
    after = {**stored, **{key: value for key, value in entered.items() if value is not None}}
    wrong = configuration.problems(provider, after, of=entered)
    if wrong:
        raise ValidationError(wrong)
    return entered


def _rename(integration: Integration, name: str, actor: Any, request: Any) -> None:
    with transaction.atomic():
        Integration.objects.filter(pk=integration.pk).update(name=name)
        record("integration.changed", integration, actor, request, name=name)
    integration.refresh_from_db()


def _sees_all(actor: Any, integration: Integration) -> bool:
    if not isinstance(actor, User):
        return True
    role = access.role_in(actor, integration.organization_id)
    return role in (Member.Role.CEO, Member.Role.ADMIN) or access.sees_everything(actor)


def stand_ins(integration: Integration) -> QuerySet[Integration]:
    """Return those that may take its place: of the same type, its owner's or shared,
    and not one that it stands for.
    """
    rows = Integration.objects.filter(
        organization_id=integration.organization_id, type=integration.type
    )
    theirs = Q(is_shared=True)
    if integration.owner_id is not None:
        theirs |= Q(owner_id=integration.owner_id)
    return rows.filter(theirs).exclude(pk=integration.pk).exclude(fallback_id=integration.pk)

"""An organization itself: its name, what it has chosen, its tier, and its end."""

import time
from typing import Any, Final, TypedDict, Unpack

from django.db import transaction

from core import audit, incidents
from core.http import ends_by, turns
from core.models import Incident, SystemSetting, VendorAccount
from crm import events
from crm.models import Organization, OrganizationSettings
from crm.refusals import writing
from crm.services.writing import apply

# So many seconds have all services outside together to take back what they granted.
PATIENCE: Final = 30


class Choices(TypedDict, total=False):
    call_recording_enabled: bool
    call_transcription_enabled: bool
    retention_days: int
    time_zone: str
    language: str


def rename_organization(
    *, organization: Organization, name: str, actor: Any = None, request: Any = None
) -> Organization:
    with writing():
        organization = _locked(organization)
        before = organization.name
        if apply(organization, {"name": name}):
            organization.save(update_fields=["name"])
            _record(
                "setting.changed",
                organization,
                actor,
                request,
                field="name",
                before=before,
                after=name,
            )
    return organization


def change_settings(
    *,
    organization: Organization,
    actor: Any = None,
    request: Any = None,
    **choices: Unpack[Choices],
) -> OrganizationSettings:
    """Change what is given; each change is audited with what it was."""
    with writing():
        organization = _locked(organization)
        settings, _made = OrganizationSettings.objects.get_or_create(organization=organization)
        before = {name: getattr(settings, name) for name in choices}
        changed = apply(settings, choices)
        if changed:
            settings.save(update_fields=changed)
            facts = {
                name: {"before": before[name], "after": getattr(settings, name)} for name in changed
            }
            _record(
                "setting.changed",
                organization,
                actor,
                request,
                fields=sorted(changed),
                values=facts,
            )
            transaction.on_commit(
                lambda: events.tell(events.settings_changed, organization_id=organization.pk)
            )
    return settings


def change_tier(
    *, organization: Organization, tier: str, actor: Any = None, request: Any = None
) -> Organization:
    with writing():
        organization = _locked(organization)
        before = organization.tier
        if apply(organization, {"tier": tier}):
            organization.save(update_fields=["tier"])
            _record(
                "tier.changed",
                organization,
                actor,
                request,
                field="tier",
                before=before,
                after=tier,
            )
    return organization


def delete_organization(
    *, organization: Organization, actor: Any = None, request: Any = None
) -> list[str]:
    """Delete the organization and all that is its own; return what services outside did not
    take back, in words.

    They are asked before, within PATIENCE: whether they answer or not, it is deleted.
    Logs stay until their retention ends; its open incidents close.
    """
    turns.take()
    with ends_by(time.monotonic() + PATIENCE):
        answers = events.ask(events.organization_leaving, organization_id=organization.pk)
    left = [sentence for answer in answers for sentence in answer]
    with writing():
        organization = _locked(organization)
        gone = organization.pk
        SystemSetting.objects.filter(organization_id=gone).delete()
        VendorAccount.objects.filter(organization_id=gone).delete()
        # Its own delete() would take the id from the object, and the record, after it all, still
        # names it.
        Organization.objects.filter(pk=gone).delete()
        # That takes seconds for a large organization. What everybody waits for is locked after
        # them: causes of incidents, then the audit.
        for cause in Incident.objects.filter(organization_id=gone, closed_at=None).values_list(
            "cause"
        ):
            incidents.close(cause[0])
        _record("organization.removed", organization, actor, request, left_at_services=len(left))
        transaction.on_commit(
            lambda: events.tell(events.organization_removed, organization_id=gone)
        )
    return left


def settings_of(organization: Organization) -> OrganizationSettings:
    """Return what it has chosen, or the defaults where it never did."""
    chosen: OrganizationSettings | None = getattr(organization, "settings", None)
    return chosen or OrganizationSettings(organization=organization)


def _locked(organization: Organization) -> Organization:
    return Organization.objects.select_for_update().get(pk=organization.pk)


def _record(
    action: str, organization: Organization, actor: Any, request: Any, **facts: Any
) -> None:
    audit.record(
        action,
        actor=actor,
        target=organization,
        request=request,
        organization_id=organization.pk,
        **facts,
    )

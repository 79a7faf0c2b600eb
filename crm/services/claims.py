"""Which addresses count as an organization's, and what is done when two organizations have one.

An account that serves every organization tells them apart by the addresses of their reps. So an
address counts there only if staff granted it, or its domain, to the organization; any other waits,
and says so. Where there is one organization alone nothing needs granting, and what counts goes on
counting when a second one comes. An address that counts in two organizations, its rep archived or
not, means nobody: both have an incident until one gives it up.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import audit, incidents
from core.models import Incident, User
from core.words.sayings import Saying
from crm import addresses, events
from crm.models import AddressGrant, Organization, RepAlias
from crm.refusals import writing

# Anybody may have an address at these, so each address is granted by itself.
FREE_MAIL: Final = frozenset({
    "aol.com", "fastmail.com", "free.fr", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de",
    "gmx.net", "googlemail.com", "hey.com", "home.nl", "hotmail.be", "hotmail.co.uk", "hotmail.com",
    "hotmail.de", "hotmail.fr", "hotmail.nl", "icloud.com", "kpnmail.nl", "laposte.net", "live.be",
    "live.com", "live.nl", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com", "orange.fr",
    "outlook.be", "outlook.com", "outlook.de", "outlook.fr", "planet.nl", "pm.me", "posteo.de",
    "proton.me", "protonmail.com", "qq.com", "rocketmail.com", "sfr.fr", "skynet.be", "t-online.de",
    "telenet.be", "tutanota.com", "wanadoo.fr", "web.de", "xs4all.nl", "yahoo.co.uk", "yahoo.com",
    "yahoo.de", "yahoo.fr", "yandex.com", "yandex.ru", "ymail.com", "ziggo.nl", "zoho.com",
})  # fmt: skip
ANYBODYS = _("Anybody may have an address at %(domain)s. Grant each address by itself.")
GRANTED = _("This is granted to the organization already.")
SHARED: Final = "crm.shared_addresses"
WAITING: Final = "crm.waiting_addresses"


def lock(organization_id: UUID) -> Organization:
    """Let one change of an organization's addresses or grants happen at a time.

    It is taken before any rep of it is locked.
    """
    return Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


def grant(
    *, organization: Organization, value: str, actor: Any = None, request: Any = None
) -> AddressGrant:
    """Let the organization's reps have addresses of this domain, or this one address.

    What waited for it counts.
    """
    with writing():
        organization = lock(organization.pk)
        normalized = granted_value(value)
        if AddressGrant.objects.filter(organization=organization, value=normalized).exists():
            raise ValidationError({"value": ValidationError(GRANTED, code="unique")})
        made = AddressGrant.objects.create(
            organization=organization,
            value=normalized,
            granted_by=actor if isinstance(actor, User) else None,
        )
        changed = settle(organization.pk)
        _record("address.granted", organization, actor, request, value=normalized, counting=changed)
    return made


def withdraw_grant(*, grant: AddressGrant, actor: Any = None, request: Any = None) -> None:
    """Let addresses wait again that this grant alone let count; the calls that they brought
    stay.
    """
    with writing():
        organization = lock(grant.organization_id)
        AddressGrant.objects.filter(pk=grant.pk).delete()
        rows = _of_value(
            RepAlias.objects.filter(organization=organization, is_waiting=False), grant.value
        )
        found = list(rows)
        still = covered(organization.pk, [row.normalized for row in found])
        gone = [row for row in found if row.normalized not in still]
        _set_waiting(gone, is_waiting=True)
        _record(
            "address.grant_withdrawn",
            organization,
            actor,
            request,
            value=grant.value,
            waiting=[row.normalized for row in gone],
        )


def covered(organization_id: UUID, normalized: Iterable[str]) -> set[str]:
    """Return those of these addresses that the organization may have on an account that serves
    all.
    """
    wanted = set(normalized)
    if not Organization.objects.exclude(pk=organization_id).exists():
        return wanted
    values = wanted | {addresses.domain_of(address) for address in wanted}
    granted = set(
        AddressGrant.objects.filter(organization_id=organization_id, value__in=values).values_list(
            "value", flat=True
        )
    )
    return {
        address
        for address in wanted
        if address in granted or addresses.domain_of(address) in granted
    }


def settle(organization_id: UUID) -> list[str]:
    """Let addresses that waited, and need not any more, count from now on."""
    waiting = list(RepAlias.objects.filter(organization_id=organization_id, is_waiting=True))
    may = covered(organization_id, [row.normalized for row in waiting])
    counting = [row for row in waiting if row.normalized in may]
    _set_waiting(counting, is_waiting=False)
    return sorted(row.normalized for row in counting)


def shared_with_others(organization_id: UUID) -> list[str]:
    """Return the organization's addresses that count in another organization too."""
    others = RepAlias.objects.filter(normalized=OuterRef("normalized"), is_waiting=False).exclude(
        organization_id=OuterRef("organization_id")
    )
    rows = RepAlias.objects.filter(
        Exists(others), organization_id=organization_id, is_waiting=False
    )
    return list(rows.order_by("normalized").values_list("normalized", flat=True))


def watch_after_commit(organization_id: UUID, normalized: Collection[str]) -> None:
    """Look, after the commit, at those whom a change of these addresses concerns.

    Of two at once, both see the other then.
    """

    def look() -> None:
        holders = RepAlias.objects.filter(normalized__in=normalized).values_list(
            "organization_id", flat=True
        )
        watch({organization_id, *holders})

    transaction.on_commit(look, robust=True)


def watch(organization_ids: Iterable[UUID]) -> None:
    """Open or close the incidents of these organizations: addresses that another has,
    and addresses that wait.
    """
    gone = set(organization_ids)
    for organization in Organization.objects.filter(pk__in=gone):
        _watch_shared(organization)
        _watch_waiting(organization)
        gone.discard(organization.pk)
    for organization_id in gone:
        incidents.close(f"{SHARED}:{organization_id}")
        incidents.close(f"{WAITING}:{organization_id}")


def sweep() -> None:
    """Look at all whom it may concern: for looks that were lost, and organizations that are alone
    by now.
    """
    waiting = RepAlias.objects.filter(is_waiting=True).values_list("organization_id", flat=True)
    for organization_id in set(waiting):
        with transaction.atomic():
            lock(organization_id)
            settle(organization_id)
    others = RepAlias.objects.filter(normalized=OuterRef("normalized"), is_waiting=False).exclude(
        organization_id=OuterRef("organization_id")
    )
    shared = RepAlias.objects.filter(Exists(others), is_waiting=False).values_list(
        "organization_id", flat=True
    )
    causes = Q(cause__startswith=f"{SHARED}:") | Q(cause__startswith=f"{WAITING}:")
    opened = Incident.objects.filter(causes, closed_at=None).values_list("cause", flat=True)
    watch({*waiting, *shared, *(UUID(cause.rpartition(":")[2]) for cause in opened)})


def granted_value(value: str) -> str:
    """Return the one spelling of a domain or an address that can be granted.

    Raise ValidationError for what cannot.
    """
    try:
        normalized = _one_spelling(value)
    except ValidationError as error:
        raise ValidationError({"value": error}) from error
    if normalized in FREE_MAIL:
        raise ValidationError(
            {"value": ValidationError(ANYBODYS, code="free_mail", params={"domain": normalized})}
        )
    return normalized


def _one_spelling(value: str) -> str:
    if "@" in value:
        return addresses.normalize(value)
    return addresses.normalize_domain(value)


def _of_value(rows: QuerySet[RepAlias], value: str) -> QuerySet[RepAlias]:
    if "@" in value:
        return rows.filter(normalized=value)
    return rows.filter(normalized__endswith=f"@{value}")


def _set_waiting(rows: Collection[RepAlias], *, is_waiting: bool) -> None:
    if not rows:
        return
    RepAlias.objects.filter(pk__in=[row.pk for row in rows]).update(is_waiting=is_waiting)
    organization_id = next(iter(rows)).organization_id
    for rep_id in {row.rep_id for row in rows}:
        tell(rep_id, organization_id)
    watch_after_commit(organization_id, {row.normalized for row in rows})


def tell(rep_id: UUID, organization_id: UUID) -> None:
    """Announce the rep after the commit, for whoever matches calls with reps."""
    transaction.on_commit(
        lambda: events.tell(events.rep_changed, rep_id=rep_id, organization_id=organization_id)
    )


def _watch_shared(organization: Organization) -> None:
    shared = shared_with_others(organization.pk)
    incidents.observe(
        f"{SHARED}:{organization.pk}",
        ok=not shared,
        title=Saying(
            _("%(organization)s shares rep addresses with another organization"),
            {"organization": organization.name},
        ),
        what_to_do=_(
            "New calls recorded under these addresses wait in both organizations' left-out "
            "lists. Remove the address from the rep if it isn't theirs, or ask the "
            "administrators who owns it."
        ),
        organization_id=organization.pk,
        facts={"addresses": shared[:100]},
        affected=shared,
    )


def _watch_waiting(organization: Organization) -> None:
    waiting = sorted(
        RepAlias.objects.filter(organization=organization, is_waiting=True).values_list(
            "normalized", flat=True
        )
    )
    # This is for staff alone, who can do something about it; the organization reads it beside
    # each address.
    incidents.observe(
        f"{WAITING}:{organization.pk}",
        ok=not waiting,
        title=Saying(
            _("Addresses of reps of %(organization)s wait to be granted"),
            {"organization": organization.name},
        ),
        what_to_do=_(
            "Open the organization in the administration and grant it the domain or the address, "
            "if it is theirs; else take it off the rep. No calls come in under it until then."
        ),
        facts={"addresses": waiting[:100]},
        affected=waiting,
    )


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

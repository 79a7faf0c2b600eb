"""Reps, and the addresses by which their calls are found."""

from collections.abc import Iterable
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import addresses, events
from crm.models import Member, Organization, RepAlias, SalesRep, Team
from crm.refusals import TAKEN_ADDRESS, writing
from crm.services.writing import apply, same_organization

MAX_ALIASES = 50
TOO_MANY = _("A rep has at most 50 aliases.")


class RepValues(TypedDict, total=False):
    name: str
    email: str
    team: Team | None
    member: Member | None


def create_rep(*, organization: Organization, aliases: Iterable[str] = (), **values: Unpack[RepValues]) -> SalesRep:
    """A new rep with their addresses. ValidationError when one of those means another rep of the organization."""
    rep = SalesRep(organization=organization)
    with writing():
        same_organization(organization, team=values.get("team"), member=values.get("member"))
        apply(rep, values)
        rep.save(force_insert=True)
        _keep_addresses(rep, list(aliases))
    return rep


def update_rep(*, rep: SalesRep, aliases: Iterable[str] | None = None, **values: Unpack[RepValues]) -> SalesRep:
    """Change what is given; `aliases`, where given, are all of them."""
    with writing():
        rep = _locked(rep)
        same_organization(rep.organization, team=values.get("team"), member=values.get("member"))
        changed = apply(rep, values)
        if changed:
            rep.save(update_fields=changed)
        if aliases is not None or "email" in changed:
            _keep_addresses(rep, _aliases_of(rep) if aliases is None else list(aliases))
    return rep


def add_alias(*, rep: SalesRep, address: str) -> RepAlias:
    """One more address that means this rep; adding it again is no error."""
    with writing():
        rep = _locked(rep)
        if rep.addresses.count() > MAX_ALIASES:
            raise ValidationError({"aliases": ValidationError(TOO_MANY, code="invalid")})
        normalized = _normalized("aliases", address)
        _refuse_taken(rep, {normalized: "aliases"})
        alias, made = RepAlias.objects.get_or_create(
            organization_id=rep.organization_id, rep=rep, normalized=normalized, defaults={"address": address.strip()}
        )
        if made:
            _tell(rep)
    return alias


def remove_alias(*, rep: SalesRep, address: str) -> bool:
    """Whether there was such an alias. The rep's own e-mail is not removed so."""
    with writing():
        normalized = _normalized("aliases", address)
        gone, _rows = RepAlias.objects.filter(rep=rep, normalized=normalized, is_main=False).delete()
        if gone:
            _tell(rep)
    return bool(gone)


def archive_rep(*, rep: SalesRep) -> SalesRep:
    """They have left: no new meetings, and their calls are not imported any more. What there is stays."""
    with writing():
        rep = _locked(rep)
        if rep.archived_at is None:
            rep.archived_at = timezone.now()
            rep.save(update_fields=["archived_at"])
            _tell(rep)
    return rep


def restore_rep(*, rep: SalesRep) -> SalesRep:
    """They are back."""
    with writing():
        rep = _locked(rep)
        if rep.archived_at is not None:
            rep.archived_at = None
            rep.save(update_fields=["archived_at"])
            _tell(rep)
    return rep


def _locked(rep: SalesRep) -> SalesRep:
    return SalesRep.objects.select_for_update(of=("self",)).select_related("organization").get(pk=rep.pk)


def _aliases_of(rep: SalesRep) -> list[str]:
    return list(rep.addresses.filter(is_main=False).values_list("address", flat=True))


def _keep_addresses(rep: SalesRep, aliases: list[str]) -> None:
    """Bring the rep's addresses to these: the own e-mail and the aliases, each once."""
    if len(aliases) > MAX_ALIASES:
        raise ValidationError({"aliases": ValidationError(TOO_MANY, code="invalid")})
    main = _normalized("email", rep.email)
    wanted = {main: rep.email.strip()}
    for alias in aliases:
        wanted.setdefault(_normalized("aliases", alias), alias.strip())
    _refuse_taken(rep, {normalized: "email" if normalized == main else "aliases" for normalized in wanted})
    there = {row.normalized: row for row in rep.addresses.all()}
    gone = [row.pk for normalized, row in there.items() if wanted.get(normalized) != row.address or
            row.is_main != (normalized == main)]  # fmt: skip
    RepAlias.objects.filter(pk__in=gone).delete()
    RepAlias.objects.bulk_create(
        RepAlias(organization_id=rep.organization_id, rep=rep, address=address, normalized=normalized,
                 is_main=normalized == main)
        for normalized, address in wanted.items()
        if normalized not in there or there[normalized].pk in gone
    )  # fmt: skip
    _tell(rep)


def _normalized(field: str, address: str) -> str:
    try:
        return addresses.normalize(address)
    except ValidationError as error:
        raise ValidationError({field: error}) from error


def _refuse_taken(rep: SalesRep, fields: dict[str, str]) -> None:
    others = RepAlias.objects.filter(organization_id=rep.organization_id, normalized__in=fields).exclude(rep=rep)
    taken = {fields[row.normalized]: ValidationError(TAKEN_ADDRESS, code="unique") for row in others}
    if taken:
        raise ValidationError(taken)


def _tell(rep: SalesRep) -> None:
    """After the commit, for whoever matches calls with reps."""
    transaction.on_commit(lambda: events.tell(events.rep_changed, rep_id=rep.pk, organization_id=rep.organization_id))

"""Reps, and the addresses by which their calls are found."""

from collections.abc import Collection, Iterable
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from crm import addresses
from crm.models import Member, Organization, RepAlias, SalesRep, Team
from crm.refusals import TAKEN_ADDRESS, writing
from crm.services import claims
from crm.services.writing import apply, same_organization

MAX_ALIASES = 50
TOO_MANY = _("A rep has at most 50 aliases.")


class RepValues(TypedDict, total=False):
    name: str
    email: str
    team: Team | None
    member: Member | None


def create_rep(
    *,
    organization: Organization,
    aliases: Iterable[str] = (),
    actor: Any = None,
    request: Any = None,
    **values: Unpack[RepValues],
) -> SalesRep:
    """Create a rep with their addresses.

    Raise ValidationError when an address means another rep of the organization.
    """
    rep = SalesRep(organization=organization)
    with writing():
        claims.lock(organization.pk)
        same_organization(organization, team=values.get("team"), member=values.get("member"))
        apply(rep, values)
        rep.save(force_insert=True)
        _keep_addresses(rep, list(aliases), actor, request)
    return rep


def update_rep(
    *,
    rep: SalesRep,
    aliases: Iterable[str] | None = None,
    actor: Any = None,
    request: Any = None,
    **values: Unpack[RepValues],
) -> SalesRep:
    """Change what is given; `aliases`, where given, are all of them."""
    with writing():
        rep = _locked(rep)
        same_organization(rep.organization, team=values.get("team"), member=values.get("member"))
        changed = apply(rep, values)
        if changed:
            rep.save(update_fields=changed)
        if aliases is not None:
            _keep_addresses(rep, list(aliases), actor, request)
        elif "email" in changed:
            _keep_addresses(rep, _aliases_of(rep), actor, request)
    return rep


def add_alias(*, rep: SalesRep, address: str, actor: Any = None, request: Any = None) -> RepAlias:
    """Add an address that means this rep; adding it again is no error."""
    with writing():
        rep = _locked(rep)
        if rep.addresses.count() > MAX_ALIASES:
            raise ValidationError({"aliases": ValidationError(TOO_MANY, code="invalid")})
        normalized = _normalized("aliases", address)
        _refuse_taken(rep, {normalized: "aliases"})
        alias = rep.addresses.filter(normalized=normalized).first()
        if alias is None:
            alias = _new_row(
                rep, normalized, address.strip(), claims.covered(rep.organization_id, [normalized])
            )
            alias.save(force_insert=True)
            _changed(rep, added=[alias], removed=[], actor=actor, request=request)
    return alias


def remove_alias(*, rep: SalesRep, address: str, actor: Any = None, request: Any = None) -> bool:
    """Remove an alias; return whether there was such an alias.

    The rep's own e-mail is not removed so.
    """
    with writing():
        rep = _locked(rep)
        alias = rep.addresses.filter(
            normalized=_normalized("aliases", address), is_main=False
        ).first()
        if alias is not None:
            RepAlias.objects.filter(pk=alias.pk).delete()
            _changed(rep, added=[], removed=[alias], actor=actor, request=request)
    return alias is not None


def archive_rep(*, rep: SalesRep, actor: Any = None, request: Any = None) -> SalesRep:
    """Archive a rep who has left.

    They get no new meetings, and their calls are not imported any more. What there is stays.
    """
    with writing():
        rep = _locked(rep)
        if rep.archived_at is None:
            rep.archived_at = timezone.now()
            rep.save(update_fields=["archived_at"])
            claims.tell(rep.pk, rep.organization_id)
            _record("rep.archived", rep, actor, request)
    return rep


def restore_rep(*, rep: SalesRep, actor: Any = None, request: Any = None) -> SalesRep:
    """Bring back a rep who was archived."""
    with writing():
        rep = _locked(rep)
        if rep.archived_at is not None:
            rep.archived_at = None
            rep.save(update_fields=["archived_at"])
            claims.tell(rep.pk, rep.organization_id)
            _record("rep.restored", rep, actor, request)
    return rep


def delete_rep(*, rep: SalesRep, actor: Any = None, request: Any = None) -> None:
    """Delete the rep with their addresses; their calls stay, with nobody's name on them."""
    with writing():
        rep = _locked(rep)
        gone = list(rep.addresses.all())
        # Its own delete() would take the id from the object that the record names.
        SalesRep.objects.filter(pk=rep.pk).delete()
        _changed(rep, added=[], removed=gone, actor=actor, request=request)


def _locked(rep: SalesRep) -> SalesRep:
    """Lock the organization first, as everything does that changes addresses; then the rep."""
    claims.lock(rep.organization_id)
    return (
        SalesRep.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=rep.pk)
    )


def _aliases_of(rep: SalesRep) -> list[str]:
    return list(rep.addresses.filter(is_main=False).values_list("address", flat=True))


def _keep_addresses(rep: SalesRep, aliases: list[str], actor: Any, request: Any) -> None:
    """Bring the rep's addresses to these: the own e-mail and the aliases, each once."""
    if len(aliases) > MAX_ALIASES:
        raise ValidationError({"aliases": ValidationError(TOO_MANY, code="invalid")})
    main = _normalized("email", rep.email)
    wanted = {main: rep.email.strip()}
    for alias in aliases:
        wanted.setdefault(_normalized("aliases", alias), alias.strip())
    _refuse_taken(rep, dict.fromkeys(wanted, "aliases") | {main: "email"})
    before = {row.normalized: row for row in rep.addresses.all()}
    kept = [
        row.normalized
        for row in before.values()
        if wanted.get(row.normalized) == row.address and row.is_main == (row.normalized == main)
    ]
    may = claims.covered(rep.organization_id, wanted.keys() - before.keys())
    # What counted goes on counting, however it is spelled.
    may |= {row.normalized for row in before.values() if not row.is_waiting}
    rows = [
        _new_row(rep, key, address, may, main) for key, address in wanted.items() if key not in kept
    ]
    RepAlias.objects.filter(rep=rep).exclude(normalized__in=kept).delete()
    RepAlias.objects.bulk_create(rows)
    _changed(
        rep,
        added=[row for row in rows if row.normalized not in before],
        removed=[row for row in before.values() if row.normalized not in wanted],
        actor=actor,
        request=request,
    )


def _new_row(
    rep: SalesRep, normalized: str, address: str, may: Collection[str], main: str = ""
) -> RepAlias:
    return RepAlias(
        organization_id=rep.organization_id,
        rep=rep,
        address=address,
        normalized=normalized,
        is_main=normalized == main,
        is_waiting=normalized not in may,
    )


def _changed(
    rep: SalesRep,
    *,
    added: Collection[RepAlias],
    removed: Collection[RepAlias],
    actor: Any,
    request: Any,
) -> None:
    """Tell who matches calls, look whether another organization has one of these,
    and record what changed.
    """
    claims.tell(rep.pk, rep.organization_id)
    changed = {row.normalized for row in (*added, *removed)}
    if not changed:
        return
    claims.watch_after_commit(rep.organization_id, changed)
    _record(
        "address.changed",
        rep,
        actor,
        request,
        added=sorted(row.normalized for row in added),
        removed=sorted(row.normalized for row in removed),
        waiting=sorted(row.normalized for row in added if row.is_waiting),
    )


def _record(action: str, rep: SalesRep, actor: Any, request: Any, **facts: Any) -> None:
    audit.record(
        action,
        actor=actor,
        target=rep,
        request=request,
        organization_id=rep.organization_id,
        **facts,
    )


def _normalized(field: str, address: str) -> str:
    try:
        return addresses.normalize(address)
    except ValidationError as error:
        raise ValidationError({field: error}) from error


def _refuse_taken(rep: SalesRep, fields: dict[str, str]) -> None:
    others = RepAlias.objects.filter(
        organization_id=rep.organization_id, normalized__in=fields
    ).exclude(rep=rep)
    taken = {
        fields[row.normalized]: ValidationError(TAKEN_ADDRESS, code="unique") for row in others
    }
    if taken:
        raise ValidationError(taken)

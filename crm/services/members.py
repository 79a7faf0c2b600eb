"""Who is what in an organization. An organization keeps a CEO, and only the house itself makes or unmakes an ADMIN."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _

from core import audit
from core.models import User
from crm import access
from crm.models import Member, Organization, TeamManager
from crm.refusals import writing
from crm.services.writing import apply

LAST_CEO = _("An organization keeps at least one CEO. Make somebody else CEO first.")


def add_member(*, organization: Organization, user: User, role: str, actor: Any = None, request: Any = None) -> Member:
    """Let this person belong to the organization from now on; raise ValidationError when they
    already do.
    """
    member = Member(organization=organization, user=user)
    with writing():
        refuse_internal(actor, role)
        apply(member, {"role": role})
        member.save(force_insert=True)
        _record(member, None, role, actor, request)
    return member


def change_role(*, member: Member, role: str, actor: Any = None, request: Any = None) -> Member:
    """Give this person another role. Whoever is no MANAGER any more manages no team."""
    with writing():
        member = _alone_with_the_organization(member)
        before = member.role
        if before == role:
            return member
        refuse_internal(actor, before, role)
        _keep_a_ceo(member)
        apply(member, {"role": role})
        member.save(update_fields=["role"])
        if role != Member.Role.MANAGER:
            TeamManager.objects.filter(member=member).delete()
        _record(member, before, role, actor, request)
    return member


def remove_member(*, member: Member, actor: Any = None, request: Any = None) -> None:
    """Let this person belong to the organization no more; their leads and appointments stay,
    without them.
    """
    with writing():
        member = _alone_with_the_organization(member)
        refuse_internal(actor, member.role)
        _keep_a_ceo(member)
        # The audit comes last, as everybody waits for it; the object keeps the id that the record
        # names.
        Member.objects.filter(pk=member.pk).delete()
        _record(member, member.role, None, actor, request)


def refuse_internal(actor: Any, *roles: str) -> None:
    """Refuse somebody outside the house who gives or takes the role that sees every organization.

    The refusal is PermissionDenied.
    """
    if Member.Role.ADMIN not in roles:
        return
    if isinstance(actor, User) and not access.is_internal(actor):
        raise PermissionDenied


def _alone_with_the_organization(member: Member) -> Member:
    """Let one change of an organization's people happen at a time.

    Of two CEOs who leave at once, one stays.
    """
    Organization.objects.select_for_update().get(pk=member.organization_id)
    return Member.objects.select_related("user", "organization").get(pk=member.pk)


def _keep_a_ceo(member: Member) -> None:
    others = Member.objects.filter(organization_id=member.organization_id, role=Member.Role.CEO).exclude(pk=member.pk)
    if member.role == Member.Role.CEO and not others.exists():
        raise ValidationError({"role": ValidationError(LAST_CEO, code="invalid")})


def _record(member: Member, before: str | None, after: str | None, actor: Any, request: Any) -> None:
    audit.record(
        "role.changed",
        actor=actor,
        target=member,
        request=request,
        organization_id=member.organization_id,
        user=member.user.get_username(),
        field="role",
        before=before,
        after=after,
    )

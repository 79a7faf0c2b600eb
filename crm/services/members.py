"""Who is what in an organization. An organization keeps a CEO, and only the house itself makes
or unmakes an ADMIN.

Whoever acts is asked once more under the lock whether they may: of two CEOs who take
each other's role at once, one acts, and the other has no say any more. How somebody
leaves is `crm.services.leaving`.
"""

from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from core.models import User
from crm import access
from crm.models import Invitation, Member, Organization, TeamManager
from crm.refusals import writing
from crm.services.writing import apply

DECIDES: Final = (Member.Role.CEO, Member.Role.ADMIN)
LAST_CEO = _("An organization keeps at least one CEO. Make somebody else CEO first.")


def add_member(
    *, organization: Organization, user: User, role: str, actor: Any = None, request: Any = None
) -> Member:
    """Let this person belong to the organization from now on; raise ValidationError when they
    already do.
    """
    member = Member(organization=organization, user=user)
    with writing():
        refuse_internal(actor, role)
        apply(member, {"role": role})
        member.save(force_insert=True)
        record_role(member, None, role, actor, request)
    return member


def change_role(*, member: Member, role: str, actor: Any = None, request: Any = None) -> Member:
    """Give this person another role. Whoever is no MANAGER any more manages no team, and
    whoever decides no more on the organization's people has nobody invited. Member.DoesNotExist
    for who has left.
    """
    with writing():
        current = alone_with_the_organization(member)
        if current is None:
            raise Member.DoesNotExist
        before = current.role
        if before == role:
            return current
        refuse_who_may_not(actor, current.organization_id)
        refuse_internal(actor, before, role)
        keep_a_ceo(current)
        apply(current, {"role": role})
        current.save(update_fields=["role"])
        if role != Member.Role.MANAGER:
            TeamManager.objects.filter(member=current).delete()
        if role not in DECIDES:
            withdraw_invitations_of(current, actor, request)
        record_role(current, before, role, actor, request)
    return current


def refuse_internal(actor: Any, *roles: str) -> None:
    """Refuse somebody outside the house who gives or takes the role that sees every organization.

    The refusal is PermissionDenied.
    """
    if Member.Role.ADMIN not in roles:
        return
    if isinstance(actor, User) and not access.is_internal(actor):
        raise PermissionDenied


def refuse_who_may_not(actor: Any, organization_id: UUID) -> None:
    """Refuse a person who does not decide on the organization's people, or no longer does.

    The refusal is PermissionDenied. Ask it under the organization's lock.
    """
    if not isinstance(actor, User):
        return
    # A request remembers where its person belonged as it began: what counts is where they do now.
    asking = User.objects.get(pk=actor.pk)
    if not (
        access.owns(asking, organization_id)
        or access.may(asking, "change", Member, organization_id)
    ):
        raise PermissionDenied


def alone_with_the_organization(member: Member) -> Member | None:
    """Let one change of an organization's people happen at a time; return None for who has left.

    Of two CEOs who leave at once, one stays.
    """
    Organization.objects.select_for_update().filter(pk=member.organization_id).first()
    return Member.objects.select_related("user", "organization").filter(pk=member.pk).first()


def keep_a_ceo(member: Member) -> None:
    """Raise ValidationError where this is the organization's only CEO.
    Nobody comes in with an account that is closed, so it keeps no organization.
    """
    ceos = Member.objects.filter(organization_id=member.organization_id, role=Member.Role.CEO)
    others = ceos.filter(user__is_active=True).exclude(pk=member.pk)
    if member.role == Member.Role.CEO and not others.exists():
        raise ValidationError({"role": ValidationError(LAST_CEO, code="invalid")})


def withdraw_invitations_of(member: Member, actor: Any, request: Any) -> None:
    """Withdraw what this person has sent and nobody has accepted, so that nobody comes in by it."""
    sent = invitations_of(member).select_for_update(of=("self",))
    for invitation in list(sent):
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at"])
        audit.record(
            "invitation.revoked",
            actor=actor,
            target=invitation,
            request=request,
            organization_id=member.organization_id,
            new=invitation.email,
            role=invitation.role,
            for_any_address=invitation.for_any_address,
        )


def invitations_of(member: Member) -> QuerySet[Invitation]:
    """Return the invitations that this person sent into the organization,
    and nobody has accepted.
    """
    return Invitation.objects.filter(
        organization_id=member.organization_id,
        invited_by_id=member.user_id,
        accepted_at=None,
        revoked_at=None,
    )


def record_role(
    member: Member, before: str | None, after: str | None, actor: Any, request: Any
) -> None:
    """Record what somebody was before and is now; None stands for nothing at all."""
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

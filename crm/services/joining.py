"""Joining an organization by an invitation: with the account that one has, or with a new one."""

import secrets
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import locks
from core.models import User
from crm.models import Invitation, Member, Organization
from crm.refusals import writing
from crm.services.invitations import account_exists, is_for, read_among, read_invitation, record
from crm.services.members import add_member
from crm.services.organizations import settings_of
from crm.services.writing import check

HAS_ACCOUNT = _("There is an account with this address already. Sign in, then open the link again.")
FOR_ANOTHER = _(
    "This invitation was sent to %(email)s, and you are signed in with another address. Sign in "
    "with that one, or have a link sent there that lets you in."
)


def accept_invitation(*, token: str, user: User, request: Any = None) -> Member:
    """Let a person who is signed in join.

    Somebody who belongs there already keeps their role, and the link is used up.
    """
    with writing():
        invitation = _locked(token)
        if not is_for(invitation, user, token):
            raise ValidationError(
                FOR_ANOTHER, code="for_another", params={"email": invitation.email}
            )
        member = Member.objects.filter(organization=invitation.organization, user=user).first()
        return _accepted(invitation, user, member, request)


def accept_as_new_person(
    *, token: str, first_name: str, last_name: str, password: str, request: Any = None
) -> Member:
    """Make an account for somebody who has none, and let them join.

    Raise ValidationError when the address has an account after all.
    """
    with writing():
        invitation = _locked(token)
        # Of two invitations of one address, accepted at once, one makes the account.
        locks.hold("crm.new_account", invitation.email_normalized)
        if account_exists(invitation):
            raise ValidationError(HAS_ACCOUNT, code="has_account")
        user = _new_user(invitation, first_name.strip(), last_name.strip(), password)
        record("user.added", invitation, user, request)
        return _accepted(invitation, user, None, request)


def _locked(token: str) -> Invitation:
    """Return the invitation that this link opens, for whoever uses it up.

    It is locked as `invite` locks: the organization first.
    """
    Organization.objects.select_for_update().filter(
        pk=read_invitation(token).organization_id
    ).first()
    return read_among(token, Invitation.objects.select_for_update(of=("self",)))


def _accepted(invitation: Invitation, user: User, member: Member | None, request: Any) -> Member:
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    if member is None:
        # Whoever sent the invitation was asked whether they may give this role; the actor of the
        # audit is who accepts.
        organization, role = invitation.organization, invitation.role
        member = add_member(
            organization=organization, user=user, role=role, actor=user.get_username()
        )
    record("invitation.accepted", invitation, user, request)
    return member


def _new_user(invitation: Invitation, first_name: str, last_name: str, password: str) -> User:
    chosen = settings_of(invitation.organization)
    user = User(
        username=_username(invitation.email_normalized),
        email=invitation.email,
        first_name=first_name,
        last_name=last_name,
        language=invitation.language or chosen.language,
        time_zone=chosen.time_zone,
    )
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error}) from error
    user.set_password(password)
    check(user)
    user.save(force_insert=True)
    return user


def _username(address: str) -> str:
    """Return the address itself where a username may look like it and is free; else add a few
    random signs.
    """
    plain = "".join(sign if sign.isalnum() or sign in "@.+-_" else "-" for sign in address)[:130]
    if plain == address and not User.objects.filter(username__iexact=plain).exists():
        return plain
    return f"{plain}-{secrets.token_hex(4)}"

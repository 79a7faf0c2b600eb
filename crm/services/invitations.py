"""Invitations: one e-mail, one link, one person in one organization.

The link's token is made by the worker that writes the mail, so that it lies in no queue; the
database holds its hash alone. It is signed as well: what we never wrote is refused without a look
into the database.

It lets in whoever has the address that it was sent to: who signs in with it, who makes an account
of it, or who is signed in with another and opens the link of a second mail, which is written to
that address for them alone. Unless the one who invited said that whoever has the link may come.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from core import audit, incidents
from core.models import User
from core.queue import jobs
from crm import addresses
from crm.models import Invitation, Member, Organization
from crm.refusals import BELONGS, writing
from crm.services.members import refuse_internal, refuse_who_may_not
from crm.services.organizations import settings_of
from crm.services.writing import check

VALID_FOR: Final = timedelta(days=7)
MAX_ATTEMPTS: Final = 8
# A worker that took the job needs a moment before a sweep looks after it.
PATIENCE: Final = timedelta(minutes=2)
GONE = _("This invitation was used, withdrawn, or is too old. Ask for a new one.")
PROOF: Final = "crm.send_invitation_proof"
PROOF_SECONDS: Final = 3600
_signer = signing.Signer(salt="crm.invitation")
_proofs = signing.TimestampSigner(salt="crm.invitation.proof")


class InvitationGone(Exception):
    """Accepted, revoked, expired, or never ours."""

    message = GONE


def invite(
    *,
    organization: Organization,
    email: str,
    role: str,
    language: str = "",
    for_any_address: bool = False,
    actor: Any = None,
    request: Any = None,
) -> Invitation:
    """Write to this address with a link to join. An earlier open invitation of the same
    address is replaced.
    """
    with writing():
        refuse_internal(actor, role)
        Organization.objects.select_for_update().get(pk=organization.pk)
        refuse_who_may_not(actor, organization.pk)
        invitation = Invitation(
            organization=organization,
            email=email.strip(),
            role=role,
            language=language,
            for_any_address=for_any_address,
            invited_by=actor if isinstance(actor, User) else None,
            expires_at=timezone.now() + VALID_FOR,
        )
        check(invitation)
        _refuse_unmailable(invitation)
        invitation.email_normalized = addresses.normalize(email)
        _refuse_member(invitation)
        open_invitations().filter(
            organization=organization, email_normalized=invitation.email_normalized
        ).update(revoked_at=timezone.now())
        invitation.save(force_insert=True)
        record("invitation.made", invitation, actor, request)
        jobs.after_commit("crm.send_invitation", str(invitation.pk))
    return invitation


def revoke_invitation(*, invitation: Invitation, actor: Any = None, request: Any = None) -> bool:
    """Let its link open nothing any more; return whether it still did."""
    with writing():
        revoked = open_invitations().filter(pk=invitation.pk).update(revoked_at=timezone.now())
        if revoked:
            record("invitation.revoked", invitation, actor, request)
    return bool(revoked)


def send_again(*, invitation: Invitation, actor: Any = None, request: Any = None) -> Invitation:
    """Write to the same address once more: a new link, good for as long as a new one,
    and the old one opens nothing.

    Raise ValidationError for an invitation that was accepted or withdrawn meanwhile.
    """
    with writing():
        Organization.objects.select_for_update().filter(pk=invitation.organization_id).first()
        refuse_who_may_not(actor, invitation.organization_id)
        found = open_invitations().filter(pk=invitation.pk).first()
        if found is None:
            raise ValidationError(GONE, code="gone")
        refuse_internal(actor, found.role)
        _refuse_member(found)
        found.token_hash, found.sent_at, found.attempts = "", None, 0
        found.expires_at = timezone.now() + VALID_FOR
        # Who sends it now vouches for it: it goes when they go.
        if isinstance(actor, User):
            found.invited_by = actor
        found.save(update_fields=["token_hash", "sent_at", "attempts", "expires_at", "invited_by"])
        record("invitation.sent_again", found, actor, request)
        jobs.after_commit("crm.send_invitation", str(found.pk))
    return found


def open_invitations() -> QuerySet[Invitation]:
    """Return those that are neither accepted nor withdrawn."""
    return Invitation.objects.filter(accepted_at=None, revoked_at=None)


def send_invitation(invitation_id: UUID) -> bool:
    """Make the token and write the mail, once; return whether it went out.

    The mail's failure leaves it to the sweep.
    """
    Invitation.objects.filter(pk=invitation_id).update(attempts=F("attempts") + 1)
    try:
        sent = _send(invitation_id)
    except (OSError, AnymailError) as error:
        _observe(ok=False, says=str(error))
        return False
    if sent:
        _observe(ok=True)
    return sent


def _send(invitation_id: UUID) -> bool:
    """Send it in one transaction: a mail that does not go out leaves no token behind."""
    with transaction.atomic():
        waiting = _waiting(timezone.now()).select_for_update(skip_locked=True, of=("self",))
        invitation = (
            waiting.select_related("organization__settings", "invited_by")
            .filter(pk=invitation_id)
            .first()
        )
        if invitation is None:
            return False
        secret = secrets.token_urlsafe(32)
        invitation.token_hash, invitation.sent_at = _hash(secret), timezone.now()
        invitation.save(update_fields=["token_hash", "sent_at"])
        _mail(invitation, _signer.sign(secret))
    return True


def unsent(now: datetime) -> list[UUID]:
    """Return invitations whose mail should have gone by now: their job or its mail was lost."""
    return list(
        _waiting(now)
        .filter(created_at__lt=now - PATIENCE, attempts__lt=MAX_ATTEMPTS)
        .values_list("pk", flat=True)
    )


def read_invitation(token: str) -> Invitation:
    """Return the invitation that this link opens; raise InvitationGone for any other text."""
    return read_among(token, Invitation.objects.all())


def account_exists(invitation: Invitation) -> bool:
    """Tell whether somebody signs in with the invited address already."""
    spellings = Q(email__iexact=invitation.email) | Q(email__iexact=invitation.email_normalized)
    return User.objects.filter(spellings).exists()


def is_for(invitation: Invitation, user: User, token: str) -> bool:
    """Tell whether this person may use this link.

    The address is theirs, or they opened the mail that proves it.
    """
    if invitation.for_any_address or _proved(token) == (invitation.pk, user.pk):
        return True
    try:
        return bool(user.email) and addresses.normalize(user.email) == invitation.email_normalized
    except ValidationError:
        return False


def ask_for_proof(*, token: str, user: User) -> None:
    """Have a link written to the invited address that lets this person in,
    signed in as they are.
    """
    invitation = read_invitation(token)
    jobs.after_commit(PROOF, str(invitation.pk), str(user.pk))


def send_proof(invitation_id: UUID, user_id: UUID) -> bool:
    """Write that mail; return whether it went out. Who waits for it asks again."""
    found = open_invitations().filter(pk=invitation_id, expires_at__gt=timezone.now())
    invitation = found.select_related("organization__settings").first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if invitation is None or user is None:
        return False
    facts = {"person": _name(user), "email": user.email}
    try:
        _write(invitation, _proofs.sign(f"{invitation.pk}.{user.pk}"), "invitation_proof", facts)
    except (OSError, AnymailError) as error:
        _observe(ok=False, says=str(error))
        return False
    _observe(ok=True)
    return True


def read_among(token: str, among: Any) -> Invitation:
    """Return the one of these invitations that this link opens;
    raise InvitationGone where none is open to it.
    """
    proved = _proved(token)
    if proved is not None:
        wanted = Q(pk=proved[0])
    else:
        try:
            wanted = Q(token_hash=_hash(_signer.unsign(token)))
        except signing.BadSignature as error:
            raise InvitationGone from error
    found: Invitation | None = (
        among.select_related("organization__settings", "invited_by").filter(wanted).first()
    )
    if found is None or found.accepted_at:
        raise InvitationGone
    if found.revoked_at or found.expires_at <= timezone.now():
        raise InvitationGone
    return found


def _proved(token: str) -> tuple[UUID, UUID] | None:
    """Return the invitation and the person whom the link of a second mail speaks of; None for any
    other text.
    """
    try:
        invitation_id, _dot, user_id = _proofs.unsign(token, max_age=PROOF_SECONDS).partition(".")
        return UUID(invitation_id), UUID(user_id)
    except (signing.BadSignature, ValueError):
        return None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _waiting(now: datetime) -> QuerySet[Invitation]:
    return open_invitations().filter(sent_at=None, expires_at__gt=now)


def _refuse_unmailable(invitation: Invitation) -> None:
    try:
        addresses.check_mailable(invitation.email)
    except ValidationError as error:
        raise ValidationError({"email": error}) from error


def _refuse_member(invitation: Invitation) -> None:
    spellings = Q(user__email__iexact=invitation.email) | Q(
        user__email__iexact=invitation.email_normalized
    )
    if Member.objects.filter(spellings, organization=invitation.organization).exists():
        raise ValidationError({"email": ValidationError(BELONGS, code="unique")})


def _mail(invitation: Invitation, token: str) -> None:
    facts = {"inviter": _name(invitation.invited_by), "expires_at": invitation.expires_at}
    _write(invitation, token, "invitation", facts)


def _write(invitation: Invitation, token: str, template: str, facts: dict[str, Any]) -> None:
    """Mail the invited address a link with this token, in its language, or the organization's."""
    organization = invitation.organization
    facts = {
        **facts,
        "organization": organization.name,
        "url": settings.PUBLIC_URL + reverse("dashboard:invitation", kwargs={"token": token}),
        "current_site": {"name": "Koppel", "domain": settings.PUBLIC_URL},
    }
    with translation.override(invitation.language or settings_of(organization).language):
        subject = " ".join(render_to_string(f"crm/email/{template}_subject.txt", facts).split())
        send_mail(
            subject,
            render_to_string(f"crm/email/{template}_message.txt", facts),
            None,
            [invitation.email],
        )


def _observe(*, ok: bool, says: str = "") -> None:
    facts = {}
    if says:
        facts = {"says": says[:300]}
    incidents.observe(
        "crm.invitation_mail",
        ok=ok,
        title=_("Invitations cannot be mailed"),
        what_to_do=_(
            "Check the mail server's settings. The mails that wait are written within five minutes."
        ),
        facts=facts,
    )


def _name(user: User | None) -> str:
    if user is None:
        return ""
    return user.get_full_name() or user.get_username()


def record(action: str, invitation: Invitation, actor: Any, request: Any) -> None:
    """Write into the audit log what became of an invitation."""
    audit.record(
        action,
        actor=actor,
        target=invitation,
        request=request,
        organization_id=invitation.organization_id,
        new=invitation.email,
        role=invitation.role,
        for_any_address=invitation.for_any_address,
    )

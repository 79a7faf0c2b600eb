"""Guests: a lead comes in by a link, under a name, and after agreeing to be recorded.

The link is signed and runs out with the meeting, whenever that is; only a hash of it is kept.
Consent is stored, with its time and address, before the token that opens the room is made.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from calls import livekit
from calls.models import CallParticipant, GuestInvitation
from calls.services.entering import (
    GUEST,
    Joined,
    NotAvailable,
    Seat,
    as_it_stands,
    enter,
    identity,
    refuse_guests,
    refuse_late,
)
from core import audit
from core.models import User
from core.serving.client_ip import client_ip
from crm.models import Appointment

_signer: Final = signing.Signer(salt="calls.guest")


class InvitationGone(Exception):
    """Never ours, withdrawn, or too old. Which of them is not said."""

    message = _("This link was withdrawn or is too old. Ask for a new one.")


class ConsentMissing(Exception):
    """A guest who does not agree to be recorded cannot come in."""

    message = _("This call may be recorded. To join, agree to the recording.")


def invite_guest(
    appointment: Appointment, *, actor: Any, request: Any = None
) -> tuple[GuestInvitation, str]:
    """Make a link into this meeting for somebody without an account.

    The token is given this once. NotOpen is for a meeting that is over or cancelled.
    """
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        meeting = as_it_stands(appointment.pk)
        refuse_late(meeting)
        invitation = GuestInvitation.objects.create(
            appointment=meeting,
            token_hash=_hash(secret),
            created_by=actor if isinstance(actor, User) else None,
        )
        _record("guest.invited", invitation, actor, request)
    return invitation, _signer.sign(secret)


def mailed_token(
    appointment: Appointment, known: GuestInvitation | None, *, actor: Any
) -> tuple[GuestInvitation, str]:
    """Return the link that a mail has, whichever attempt to send it this is;
    a new one where there is none that works.

    Whether an attempt that was cut off arrived, nobody knows:
    who has that mail can use its link too. NotOpen is for a meeting that is over or cancelled.
    """
    with transaction.atomic():
        meeting = as_it_stands(appointment.pk)
        refuse_late(meeting)
        if known is not None and known.revoked_at is None:
            mailed = _mailed_secret(known.pk)
            if known.token_hash == _hash(mailed):
                return known, _signer.sign(mailed)
        creator = actor if isinstance(actor, User) else None
        invitation = GuestInvitation(appointment=meeting, created_by=creator)
        secret = _mailed_secret(invitation.pk)
        invitation.token_hash = _hash(secret)
        invitation.save(force_insert=True)
        _record("guest.invited", invitation, actor, None)
    return invitation, _signer.sign(secret)


def _mailed_secret(invitation_id: UUID) -> str:
    """Return the secret of a link that is mailed: of each invitation the same,
    and known to nobody without our key.
    """
    return salted_hmac("calls.guest.mailed", str(invitation_id), algorithm="sha256").hexdigest()


def guest_link(token: str) -> str:
    """Return the address that the guest is sent."""
    return str(settings.PUBLIC_URL) + reverse("dashboard:guest_call", kwargs={"token": token})


def revoke_guest_invitation(
    invitation: GuestInvitation, *, actor: Any, request: Any = None
) -> bool:
    """Let the link open nothing any more; return whether it still did."""
    with transaction.atomic():
        standing = GuestInvitation.objects.filter(pk=invitation.pk, revoked_at=None)
        revoked = bool(standing.update(revoked_at=timezone.now()))
        if revoked:
            _record("guest.revoked", invitation, actor, request)
    return revoked


def read_guest_invitation(token: str) -> GuestInvitation:
    """Return the invitation that this link opens; raise InvitationGone for any other text."""
    try:
        secret = _signer.unsign(token)
    except signing.BadSignature as error:
        raise InvitationGone from error
    related = GuestInvitation.objects.select_related(
        "appointment__organization__settings", "appointment__lead"
    )
    found: GuestInvitation | None = related.filter(token_hash=_hash(secret)).first()
    if found is None or found.revoked_at:
        raise InvitationGone
    if found.expires_at <= timezone.now():
        raise InvitationGone
    return found


def join_as_guest(
    token: str, *, display_name: str, consent: bool, device: str = "", request: Any = None
) -> Joined:
    """Let the guest in who holds this link and agrees to be recorded."""
    invitation = read_guest_invitation(token)
    if consent is not True:
        raise ConsentMissing
    if not livekit.configured():
        raise NotAvailable
    refuse_guests(invitation.appointment)
    now = timezone.now()
    ip = None
    if request is not None:
        ip = client_ip(request)
    _store_consent(invitation, display_name[:200], now, ip)
    facts = {
        "kind": CallParticipant.Kind.GUEST,
        "is_guest": True,
        "is_external": True,
        "display_name": display_name[:200],
        "consent_at": now,
        "consent_ip": ip,
    }
    named = identity("guest", invitation.pk, device or secrets.token_urlsafe(16))
    return enter(invitation.appointment, Seat(named, display_name, GUEST, {"role": GUEST}, facts))


@transaction.atomic
def _store_consent(invitation: GuestInvitation, name: str, now: datetime, ip: str | None) -> None:
    """Store the consent before anything else is made of it.

    The first to agree stands on the invitation; everybody's consent stands at their seat.
    InvitationGone when the link was withdrawn in this moment.
    """
    standing = GuestInvitation.objects.select_for_update().filter(pk=invitation.pk, revoked_at=None)
    if standing.first() is None:
        raise InvitationGone
    standing.filter(consent_at=None).update(consent_at=now, consent_ip=ip, display_name=name)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(action: str, invitation: GuestInvitation, actor: Any, request: Any) -> None:
    appointment = invitation.appointment
    audit.record(
        action,
        actor=actor,
        target=invitation,
        request=request,
        organization_id=appointment.organization_id,
        appointment=appointment.pk,
    )

"""What a person does with a video call: come in, ask a guest in, come in as that guest."""

from calls.services.entering import Joined, LooksOn, NotAvailable, NotOpen, join, meeting_of
from calls.services.following import follow_all, follow_appointment
from calls.services.guests import (
    ConsentMissing,
    InvitationGone,
    guest_link,
    invite_guest,
    join_as_guest,
    read_guest_invitation,
    revoke_guest_invitation,
)
from calls.services.mailing import mail_lead, mails_when_cancelled

__all__ = [
    "ConsentMissing",
    "InvitationGone",
    "Joined",
    "LooksOn",
    "NotAvailable",
    "NotOpen",
    "follow_all",
    "follow_appointment",
    "guest_link",
    "invite_guest",
    "join",
    "join_as_guest",
    "mail_lead",
    "mails_when_cancelled",
    "meeting_of",
    "read_guest_invitation",
    "revoke_guest_invitation",
]

"""The clock's and the queue's ways in."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from core.queue import jobs
from crm.privacy import erasing, exporting
from crm.services import claims, invitations, keep_wall_times


@shared_task(name="crm.send_invitation")
def send_invitation(invitation_id: str) -> None:
    """Write the mail of one invitation, unless it was sent or withdrawn meanwhile."""
    invitations.send_invitation(UUID(invitation_id))


@shared_task(name="crm.send_invitation_proof")
def send_invitation_proof(invitation_id: str, user_id: str) -> None:
    """Write to an invited address that somebody with another one wants to use its invitation."""
    invitations.send_proof(UUID(invitation_id), UUID(user_id))


@shared_task(name="crm.sweep_invitations")
def sweep_invitations() -> None:
    """Write the mails whose job, or whose mail server, was lost."""
    for invitation_id in invitations.unsent(timezone.now()):
        jobs.send("crm.send_invitation", str(invitation_id))


@shared_task(name="crm.keep_wall_times")
def keep_wall_times_task() -> None:
    """Keep what is to come at its wall time, should a zone's rules have changed."""
    keep_wall_times(timezone.now())


@shared_task(name="crm.sweep_addresses")
def sweep_addresses() -> None:
    """Look again at addresses that wait, or that two organizations have,
    should a look have been lost.
    """
    claims.sweep()


@shared_task(name="crm.forget_exports")
def forget_exports() -> None:
    """Delete the files about people whose day is over."""
    exporting.forget()


@shared_task(name="crm.resume_erasures")
def resume_erasures() -> None:
    """Begin again erasures that ended without a certificate."""
    erasing.resume(timezone.now())

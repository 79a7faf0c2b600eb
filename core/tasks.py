"""The clock's and the queue's ways in: each finds its row and calls the service
that owns the rule.
"""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from core import expiry, inbox, runs, signin
from core.alerts import personal, sending, summaries
from core.incidents import maintenance
from core.outgoing import hours
from core.postgres import partitions
from core.queue import jobs


@shared_task(name="core.work_inbox")
def work_inbox(event_ids: list[str]) -> None:
    """Work these deliveries; what a sweep or another worker has taken meanwhile is passed over."""
    for event_id in event_ids:
        inbox.work(UUID(event_id))


@shared_task(name="core.sweep_inbox")
def sweep_inbox() -> None:
    """Work what is stored and due, whatever became of its message."""
    inbox.sweep()


@shared_task(name="core.work_run")
def work_run(run_id: str) -> None:
    """Do what a run is there for; one that another worker has is passed over."""
    runs.execute(run_id)


@shared_task(name="core.sweep_runs")
def sweep_runs() -> None:
    """Queue runs again that lost their worker or their message."""
    runs.sweep()


@shared_task(name="core.forget_expired")
def forget_expired() -> None:
    """Drop ended sessions and answered idempotency keys."""
    expiry.forget(timezone.now())


@shared_task(name="core.keep_partitions")
def keep_partitions() -> None:
    """Make the days of the logs in time and drop those past their retention."""
    partitions.keep()


@shared_task(name="core.roll_up_calls")
def roll_up_calls() -> None:
    """Count the calls of hours that are over."""
    hours.keep()


@shared_task(name="core.send_alerts")
def send_alerts() -> None:
    """Tell people what the outbox holds for them."""
    sending.send_waiting()
    personal.send_waiting()


@shared_task(name="core.settle_maintenance")
def settle_maintenance() -> None:
    """Tell what is still wrong at the end of a maintenance window."""
    maintenance.settle_ended()


@shared_task(name="core.owe_summaries")
def owe_summaries() -> None:
    """Owe the daily summary to those whose morning it is."""
    summaries.owe()


@shared_task(name="core.mail_password_reset")
def mail_password_reset(user_id: str) -> None:
    """Write the mail with the link that sets a new password."""
    signin.mail_password_reset(user_id)


@shared_task(name="core.sweep_password_resets")
def sweep_password_resets() -> None:
    """Write the mails whose job, or whose mail server, was lost."""
    for user_id in signin.unsent_password_resets(timezone.now()):
        jobs.send("core.mail_password_reset", str(user_id))

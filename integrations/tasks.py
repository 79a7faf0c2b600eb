"""What the clock and the queue do for integrations."""

from celery import shared_task
from django.utils import timezone

from integrations import health, services
from integrations.contacts import scheduling
from integrations.events import forgetting, rounds
from integrations.helpdesk import hooks as chatwoot_hooks
from integrations.helpdesk.demos import bots
from integrations.models import Integration
from integrations.oauth import keeping
from integrations.providers.pipedrive import hooks as pipedrive_hooks
from integrations.services import waiting


@shared_task(name="integrations.check")
def check(integration_id: str) -> None:
    """Try one integration, soon after it was connected or switched on."""
    waiting.is_checked(integration_id)
    integration = (
        Integration.objects.select_related("account")
        .filter(pk=integration_id, is_active=True)
        .first()
    )
    if integration is not None:
        services.check(integration, by="saved")


@shared_task(name="integrations.check_health")
def check_health() -> None:
    """Start the round that tests every integration that is switched on."""
    health.start(trigger="clock")


@shared_task(name="integrations.deliver_events")
def deliver_events() -> None:
    """Send what is owed to the endpoints of organizations."""
    rounds.deliver()


@shared_task(name="integrations.forget_events")
def forget_events() -> None:
    """Delete events that are too old to be sent again."""
    forgetting.forget(timezone.now())


@shared_task(name="integrations.keep_grants")
def keep_grants() -> None:
    """Renew grants that nobody used, finish what was left, and look at what vendors end."""
    keeping.daily()


@shared_task(name="integrations.sync_due_contacts")
def sync_due_contacts() -> None:
    """Start the contact syncs whose time has come."""
    scheduling.start_due()


@shared_task(name="integrations.keep_pipedrive_webhooks")
def keep_pipedrive_webhooks() -> None:
    """Make our webhooks at Pipedrive where they are missing, and look at each once a day."""
    pipedrive_hooks.keep()


@shared_task(name=bots.TASK)
def call_people(demo_id: str, conversation: int) -> None:
    """Open a conversation of a demo, so that agents see it."""
    bots.call_people(demo_id, conversation)


@shared_task(name="integrations.keep_chatwoot_webhooks")
def keep_chatwoot_webhooks() -> None:
    """Make our webhooks at Chatwoot where they are missing, and look at each once a day."""
    chatwoot_hooks.keep()

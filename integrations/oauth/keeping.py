"""What the clock does once a day: grants that nobody used are renewed,
and what vendors end is told in time.

A grant dies at some vendors when it is not used for 30 or 60 days; each renewal counts as use.
"""

from datetime import date, timedelta
from typing import Any, Final

import structlog
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import incidents
from core.errors import VendorError
from core.models import Incident
from core.words.sayings import Saying
from integrations import registry
from integrations.models import Integration, OAuthGrant
from integrations.oauth import leaving, states
from integrations.oauth.renewing import renewed
from integrations.providers.base import Provider, Sunset

UNUSED: Final = timedelta(days=20)
WARNED: Final = timedelta(days=180)
# Of a sunset so near it is no longer a warning.
URGENT: Final = timedelta(days=30)
CAUSE: Final = "sunset:"
TITLE: Final = _("%(vendor)s ends %(what)s on %(day)s")
WHAT_TO_DO: Final = _("Install a release of Koppel that does not need it before that day. %(url)s")
logger = structlog.get_logger(__name__)


def daily() -> dict[str, int]:
    """Do all of it, and return how many of each."""
    counts = keep_alive()
    counts["finished"] = leaving.finish()
    counts["states"] = states.forget(timezone.now())
    counts["sunsets"] = watch_sunsets(timezone.localdate())
    return counts


def keep_alive() -> dict[str, int]:
    """Renew every grant that was not used for so long; what a vendor cannot do today
    is tried again tomorrow.
    """
    idle = OAuthGrant.objects.filter(
        state=OAuthGrant.State.LIVE, last_refreshed_at__lt=timezone.now() - UNUSED
    )
    counts = {"renewed": 0, "failed": 0}
    for grant_id, version in list(idle.order_by("last_refreshed_at").values_list("pk", "version")):
        try:
            renewed(grant_id, version)
        except (VendorError, LookupError) as error:
            logger.warning("oauth_grant_not_kept", grant=str(grant_id), error=type(error).__name__)
            counts["failed"] += 1
        else:
            counts["renewed"] += 1
    return counts


def watch_sunsets(today: date) -> int:
    """Open an incident for what a vendor in use ends within half a year,
    and close those that are over.
    """
    near: dict[str, tuple[Provider, Sunset]] = {}
    used = set(Integration.objects.values_list("provider", flat=True).distinct())
    for provider in registry.providers():
        for sunset in provider.sunsets:
            if provider.key in used and sunset.on - today <= WARNED:
                near[f"{CAUSE}{provider.key}:{sunset.on.isoformat()}"] = provider, sunset
    for cause, (provider, sunset) in near.items():
        _observe(cause, provider, sunset, today)
    over = Incident.objects.filter(cause__startswith=CAUSE, closed_at=None).exclude(cause__in=near)
    for cause in list(over.values_list("cause", flat=True)):
        incidents.close(cause)
    return len(near)


def _observe(cause: str, provider: Provider, sunset: Sunset, today: date) -> None:
    severity = Incident.Severity.WARNING
    if sunset.on - today <= URGENT:
        severity = Incident.Severity.CRITICAL
    facts: dict[str, Any] = {"vendor": provider.name, "day": sunset.on, "what": sunset.what}
    incidents.observe(
        cause,
        ok=False,
        title=Saying(TITLE, facts),
        what_to_do=Saying(WHAT_TO_DO, {"url": sunset.url}),
        severity=severity,
    )

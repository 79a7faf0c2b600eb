"""The look at every integration that is switched on, each quarter of an hour, a few at a time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog
from django.db import connections

from integrations import registry, services
from integrations.models import Integration

AT_ONCE: Final = 8
logger = structlog.get_logger(__name__)


def check_all() -> dict[str, int]:
    """Try all of them, and return how many work and how many do not."""
    rows = Integration.objects.filter(is_active=True).select_related("account").order_by("pk")
    known = [row for row in rows if registry.find(row.provider) is not None]
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        outcomes = list(pool.map(_works, known))
    return {"working": outcomes.count(True), "failing": outcomes.count(False), "unknown": outcomes.count(None)}


def _works(integration: Integration) -> bool | None:
    """Try one; None where the look itself failed, which is written down and keeps nobody else from theirs."""
    try:
        return services.check(integration, by="health").success
    except Exception:
        logger.exception("integration_not_checked", integration=str(integration.pk))
        return None
    finally:
        connections.close_all()

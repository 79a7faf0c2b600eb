"""How far a vendor's list is known.

Each pass has a number, and counts once it has seen as many records as the vendor says there are.
What neither of the last two full ones that count has seen, nor any after them, is gone (`gone`).
"""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from integrations.models import ContactLink, ContactSettings, Integration

FULL_EVERY: Final = timedelta(days=1)
# What appears late in a vendor's lists, and what was committed late in ours.
OVERLAP: Final = timedelta(minutes=10)


def settings_of(integration: Integration) -> ContactSettings:
    """Return an integration's settings, made when they are first asked for."""
    ContactSettings.objects.bulk_create(
        [ContactSettings(integration=integration)], ignore_conflicts=True
    )
    return ContactSettings.objects.get(integration=integration)


def is_full_due(settings: ContactSettings) -> bool:
    """Tell whether the whole list is to be read: nothing is known of it, or that was long ago."""
    if settings.pulled_until is None or settings.full_at is None:
        return True
    return timezone.now() - settings.full_at >= FULL_EVERY


def begin(settings: ContactSettings, *, is_dry: bool) -> int:
    """Return the number of a new pass."""
    if not is_dry:
        ContactSettings.objects.filter(pk=settings.pk).update(passes_begun=F("passes_begun") + 1)
        settings.refresh_from_db(fields=["passes_begun"])
        return settings.passes_begun
    return settings.passes_begun + 1


def since(moment: datetime | None) -> datetime | None:
    """Return from when on to ask for changes."""
    if moment is None:
        return None
    return moment - OVERLAP


def known_until(latest: datetime | None, began: datetime) -> datetime | None:
    """Return until when everything is known after a walk, by the vendor's clock;
    None where it said no time.

    `latest` is the newest change that was seen. It may have happened at the end of the walk, and
    others before it on pages that were read already: so the time that the walk took is taken off.
    """
    if latest is None:
        return None
    now = timezone.now()
    return min(latest, now) - (now - began)


def close(
    settings: ContactSettings, number: int, *, is_full: bool, until: datetime | None, chosen_at: str
) -> None:
    """Note that a pass came to its end and saw all of the list:
    not where the mapping was changed meanwhile.
    """
    changes: dict[str, object] = {}
    if until is not None:
        changes["pulled_until"] = Greatest(F("pulled_until"), until)
    # An attempt that died after this was noted notes nothing twice.
    if is_full and settings.pass_last != number:
        changes |= {"full_at": timezone.now(), "pass_before": F("pass_last"), "pass_last": number}
    if changes:
        ContactSettings.objects.filter(pk=settings.pk, updated_at=chosen_at).update(**changes)
        settings.refresh_from_db(fields=["pulled_until", "full_at", "pass_before", "pass_last"])


def seen_in(integration: Integration, number: int) -> int:
    """Return how many records a pass has seen, each once."""
    return (
        ContactLink.objects.filter(integration=integration, seen_in_pass=number)
        .exclude(vendor_id="")
        .count()
    )

"""What follows from what was read of a workspace, kept: its forecast,
and the sums of its sender domains.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone

from bison.models import DomainDay, Runway, Workspace
from bison.runway.domains import DAYS, Sums, tired
from bison.runway.forecasting import Campaign, Forecast, forecast
from bison.runway.reading import Found
from bison.syncs.reading import LARGEST_COUNT

# Days of the forecast that are kept.
SHOWN: Final = 30


def store(workspace: Workspace, found: Found, today: date) -> Runway:
    """Keep what was found and what follows from it."""
    _keep_domains(workspace, found.senders.domains, today)
    begun = _begun(workspace, found, today)
    made: Forecast | None = None
    left = None
    most: float | None = None
    if not found.is_uncounted:
        left = round(sum(each.waiting + sum(each.in_sequence) for each in found.campaigns))
        left = min(left, LARGEST_COUNT)
        most = found.senders.capacity
    if found.campaigns and not found.is_uncounted:
        campaigns = [_with_begun(each, begun, today) for each in found.campaigns]
        made = forecast(campaigns, lambda _day: found.senders.capacity, today)
        most = min(found.senders.capacity, sum(each.most_a_day for each in found.campaigns))
    runway, _is_new = Runway.objects.update_or_create(
        workspace=workspace,
        defaults={
            "leads_left": left,
            "sends_per_day": None if most is None else int(min(most, LARGEST_COUNT)),
            "senders_connected": found.senders.connected,
            "senders_down": found.senders.down,
            "dry_on": made.dry_on if made else None,
            "tired_domains": _tired(workspace, found.senders.domains, today),
            "facts": {**_facts(found, made), "begun": begun},
            "computed_at": timezone.now(),
        },
    )
    return runway


def _begun(workspace: Workspace, found: Found, today: date) -> dict[str, str]:
    """Return on which day each campaign was last seen with leads that nobody had written to."""
    earlier = (
        Runway.objects.filter(workspace=workspace).values_list("facts", flat=True).first() or {}
    )
    known: dict[str, str] = earlier.get("begun", {})
    waiting = {each.key: today.isoformat() for each in found.campaigns if each.waiting}
    return {
        each.key: day
        for each in found.campaigns
        if (day := waiting.get(each.key) or known.get(each.key))
    }


def _with_begun(campaign: Campaign, begun: Mapping[str, str], today: date) -> Campaign:
    if campaign.waiting or campaign.key not in begun:
        return campaign
    return replace(campaign, begun_ago=(today - date.fromisoformat(begun[campaign.key])).days)


def _facts(found: Found, made: Forecast | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "campaigns": len(found.campaigns),
        "capacity": found.senders.capacity,
        "new_leads_until": None,
        "days": [],
    }
    if made:
        facts["new_leads_until"] = (
            made.new_leads_until.isoformat() if made.new_leads_until else None
        )
        facts["days"] = [
            {"day": each.day.isoformat(), "sent": each.sent, "new": each.new, "left": each.left}
            for each in made.days[:SHOWN]
        ]
    if found.unknown is not None:
        facts |= {"unknown": found.unknown.plain, "unknown_said": found.unknown.kept()}
    return facts


def _keep_domains(workspace: Workspace, domains: Mapping[str, Sums], today: date) -> None:
    DomainDay.objects.bulk_create(
        (
            DomainDay(
                workspace=workspace, day=today, domain=domain, senders=sums.senders,
                sent=sums.sent, bounced=sums.bounced, replied=sums.replied,
            )
            for domain, sums in sorted(domains.items())
        ),
        update_conflicts=True,
        unique_fields=["workspace", "day", "domain"],
        update_fields=["senders", "sent", "bounced", "replied"],
    )  # fmt: skip


def _tired(workspace: Workspace, now: Mapping[str, Sums], today: date) -> list[dict[str, Any]]:
    then = _sums_on(workspace, today - timedelta(days=DAYS))
    before = _sums_on(workspace, today - timedelta(days=2 * DAYS))
    return tired(now, then, before)


def _sums_on(workspace: Workspace, day: date) -> dict[str, Sums]:
    """Return what was counted on this day, or on the last one before it within a week."""
    of_workspace = DomainDay.objects.filter(workspace=workspace)
    counted = of_workspace.filter(day__lte=day, day__gt=day - timedelta(days=7)).order_by("-day")
    nearest = counted.first()
    if nearest is None:
        return {}
    rows = of_workspace.filter(day=nearest.day)
    return {row.domain: Sums(row.senders, row.sent, row.bounced, row.replied) for row in rows}

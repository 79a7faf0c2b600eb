"""Counts of campaigns over days: what was sent from the seed and since, replies by their rows."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.email_bison.times import between, history
from sandbox.vendors.email_bison.workspace import Workspace

LABELS: Final = {
    "Replied": "replied", "Total Opens": "opened", "Unique Opens": "unique_opens", "Sent": "sent",
    "Bounced": "bounced", "Unsubscribed": "unsubscribed", "Interested": "interested",
}  # fmt: skip
_COLORS: Final = ("#f54842", "#f5a742", "#f5e042", "#42a7f5", "#8842f5", "#666666", "#42f56f")
Days = dict[date, Counter[str]]


def by_day(workspace: Workspace, campaigns: Sequence[Row], first: date, last: date) -> Days:
    """Count every kind on each day of a period."""
    known = set(history(workspace.world.now))
    days: Days = {day: Counter() for day in between(first, last)}
    ids = {campaign["id"] for campaign in campaigns}
    for day, counted in days.items():
        for campaign in campaigns if day in known else ():
            made = workspace.campaign_day(campaign, day)
            counted.update(
                sent=made.sent, opened=made.opened, unique_opens=made.opened, bounced=made.bounced
            )
            counted.update(workspace.contents.extra.get((campaign["id"], day), {}))
    _count_rows(workspace, ids, days)
    return days


def _count_rows(workspace: Workspace, ids: set[int], days: Days) -> None:
    for reply in workspace.contents.replies.all():
        counted = days.get(date.fromisoformat(reply["date_received"][:10]))
        if counted is None or reply["campaign_id"] not in ids or reply["folder"] != "Inbox":
            continue
        counted.update(replied=1, interested=int(reply["interested"]))
    for lead in workspace.contents.leads.all():
        counted = days.get(date.fromisoformat(lead["updated_at"][:10]))
        campaigns = {each["campaign_id"] for each in lead["lead_campaign_data"]}
        if counted is not None and lead["status"] == "unsubscribed" and campaigns & ids:
            counted.update(unsubscribed=1)


def total(workspace: Workspace, campaigns: Sequence[Row], first: date, last: date) -> Counter[str]:
    found: Counter[str] = Counter()
    for counted in by_day(workspace, campaigns, first, last).values():
        found.update(counted)
    return found


def chart(days: Days) -> list[dict[str, Any]]:
    """Write days as the charts take them: a line for each kind."""
    return [
        {
            "label": label,
            "color": color,
            "dates": [[day.isoformat(), counted[kind]] for day, counted in sorted(days.items())],
        }
        for (label, kind), color in zip(LABELS.items(), _COLORS, strict=True)
    ]


def summary(found: Counter[str]) -> dict[str, str]:
    """Write a period as its summary has it: every figure as text."""
    sent = found["sent"]

    def share(count: int) -> str:
        return str(round(100 * count / sent, 2)) if sent else "0"

    counted = {
        "opened": found["opened"], "unique_opens_per_contact": found["unique_opens"],
        "unique_replies_per_contact": found["replied"], "bounced": found["bounced"],
        "unsubscribed": found["unsubscribed"], "interested": found["interested"],
    }  # fmt: skip
    texts = {"emails_sent": str(sent), "total_leads_contacted": str(sent // 2)}
    for name, count in counted.items():
        texts |= {name: str(count), f"{name}_percentage": share(count)}
    return texts

"""Sender domains that are tired: too much of what they send comes back, or it is answered far
less than before.

The vendor counts for each account since its beginning. Koppel keeps the sums of each day;
two of them give what lies between.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

DAYS: Final = 14
# Fewer mails within the days say nothing about a domain.
ENOUGH_SENT: Final = 200
ENOUGH_REPLIES: Final = 8
MOST_BOUNCED: Final = 3.0
# Less than this share of the replies that it had in the days before.
FALLEN_TO: Final = 0.5


@dataclass(frozen=True, slots=True)
class Sums:
    """What the senders of a domain had sent, lost and brought in all, by a day."""

    senders: int = 0
    sent: int = 0
    bounced: int = 0
    replied: int = 0

    def less(self, earlier: "Sums") -> "Sums":
        """Return what lies between; counters that fell, as accounts went, count as nothing."""
        return Sums(
            self.senders,
            max(0, self.sent - earlier.sent),
            max(0, self.bounced - earlier.bounced),
            max(0, self.replied - earlier.replied),
        )


ByDomain = Mapping[str, Sums]


def tired(now: ByDomain, then: ByDomain, before: ByDomain) -> list[dict[str, Any]]:
    """Return the tired domains with their figures, the worst first.

    `then` is what was counted DAYS ago, `before` DAYS earlier still: empty where nobody counted.
    """
    found = []
    for domain, sums in now.items():
        if domain not in then:
            continue
        lately = sums.less(then[domain])
        earlier = then[domain].less(before[domain]) if domain in before else Sums()
        why = _why(lately, earlier)
        if why:
            found.append(
                {"domain": domain, "senders": sums.senders, "why": why, **_figures(lately, earlier)}
            )
    return sorted(found, key=lambda each: (-each["bounced_percent"], each["domain"]))


def _why(lately: Sums, earlier: Sums) -> list[str]:
    if lately.sent < ENOUGH_SENT:
        return []
    why = []
    if _percent(lately.bounced, lately.sent) >= MOST_BOUNCED:
        why.append("bounces")
    was_answered = earlier.sent >= ENOUGH_SENT and earlier.replied >= ENOUGH_REPLIES
    if was_answered and lately.replied / lately.sent < FALLEN_TO * earlier.replied / earlier.sent:
        why.append("replies")
    return why


def _figures(lately: Sums, earlier: Sums) -> dict[str, Any]:
    return {
        "sent": lately.sent,
        "bounced_percent": _percent(lately.bounced, lately.sent),
        "replied_percent": _percent(lately.replied, lately.sent),
        "replied_percent_before": _percent(earlier.replied, earlier.sent) if earlier.sent else None,
    }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0

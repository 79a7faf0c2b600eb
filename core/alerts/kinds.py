"""What people can be told of, by what, and what holds where they chose nothing."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EMAIL: Final = "email"
CHANNELS: Final = (EMAIL,)


@dataclass(frozen=True)
class News:
    """One sort of news. Whether it is on by default is the audience's to say:
    some are more concerned than others.
    """

    key: str
    word: str | Promise
    text: str | Promise


CRITICAL: Final = News(
    "incident_critical",
    _("Critical incidents"),
    _("Something has stopped working and needs somebody now. You also hear when it is over."),
)
WARNING: Final = News(
    "incident_warning",
    _("Warnings"),
    _("Something needs a look before it breaks. You also hear when it is over."),
)
SUMMARY: Final = News(
    "daily_summary",
    _("Daily summary"),
    _(
        "One mail in the morning: what is wrong, and what was put right the day before. None "
        "when all is well."
    ),
)
NEWS: Final = (CRITICAL, WARNING, SUMMARY)


def of_severity(severity: str) -> News:
    """Return the news that an incident of this severity is."""
    if severity == "critical":
        return CRITICAL
    return WARNING

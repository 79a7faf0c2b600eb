"""The kinds of runs: the syncs, the backfill and the nightly count,
and what each does in a workspace.
"""

from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from bison.models import Workspace
from bison.syncs import analytics, counting, email_accounts, pipeline, volume
from bison.syncs.parts import Span, Sync, Task
from core import runs
from core.runs.kinds import Wish

EMAIL_ACCOUNTS: Final = "email_accounts"
PIPELINE: Final = "pipeline"
ANALYTICS: Final = "analytics"
VOLUME: Final = "volume"
BACKFILL: Final = "backfill"
COUNTS: Final = "counts"
# What a person may start.
SYNCS: Final = (EMAIL_ACCOUNTS, PIPELINE, ANALYTICS, VOLUME, BACKFILL)
# Of these a wish without days means the last so many.
DEFAULT_DAYS: Final = {ANALYTICS: 14, VOLUME: 2, BACKFILL: 90}

WORDS: Final = {
    "workspaces": _("Workspaces"),
    "complete": _("Complete"),
    "incomplete": _("Incomplete"),
    "refused": _("Refused"),
    "failed": _("Failed"),
    "at_vendor": _("At Email Bison"),
    "here": _("In Koppel"),
    "missing": _("Missing"),
    "accounts_new": _("New e-mail accounts"),
    "accounts_known": _("E-mail accounts known already"),
    "accounts_gone": _("E-mail accounts that are gone"),
    "campaigns": _("Campaigns"),
    "campaigns_gone": _("Campaigns that are gone"),
    "replies_new": _("New replies"),
    "replies_known": _("Replies known already"),
    "leads_new": _("New leads"),
    "leads_known": _("Leads known already"),
    "left_out_no_organization": _("No lead: the workspace has no organization"),
    "left_out_no_address": _("No lead: the reply has no address"),
    "left_out_deleted": _("No lead: somebody deleted it"),
    "left_out_erased": _("Emptied: the person was erased"),
    "outside_span": _("Outside of the days asked for"),
    "sent_by_us": _("Sent, not received"),
    "days": _("Days"),
    "thrown_away": _("Read again, as the key had been moved"),
}


def covers(under_way: Wish, wish: Wish) -> bool:
    """Tell whether a run that is under way does all that is wished for."""
    if under_way.get("instance") not in (None, wish.get("instance")):
        return False
    working_on, wanted = under_way.get("workspaces"), wish.get("workspaces")
    if working_on is not None and not _are_all_in(wanted, working_on):
        return False
    return _within(span_of(wish), span_of(under_way))


def _are_all_in(wanted: Any, working_on: Any) -> bool:
    """Tell whether these workspaces are among those; None is all there are."""
    return wanted is not None and set(wanted) <= set(working_on)


def span_of(wish: Wish) -> Span:
    """Return the days of a wish."""
    return Span(_day(wish.get("from")), _day(wish.get("to")))


def _within(wanted: Span, span: Span) -> bool:
    """Tell whether a span has all of another. One without days is another thing
    than one with them.
    """
    if Span() in (wanted, span):
        return wanted == span
    begins = (wanted.first or date.min) >= (span.first or date.min)
    ends = (wanted.last or date.max) <= (span.last or date.max)
    return begins and ends


def _day(text: Any) -> date | None:
    if text:
        return date.fromisoformat(str(text))
    return None


def _kind(key: str, name: Any) -> runs.Kind:
    return runs.Kind(
        f"bison.{key}",
        name,
        work="bison.syncs.rounds.work",
        words=WORDS,
        so_far=("workspaces",),
        lock=f"bison.{key}",
        covers=covers,
        vouches=True,
        started=_("The sync has started."),
        joined=_("A sync is under way already; this is it."),
        waits=_("Another sync is under way; yours starts after it."),
    )


KINDS: Final = {
    EMAIL_ACCOUNTS: _kind(EMAIL_ACCOUNTS, _("E-mail accounts of Email Bison")),
    PIPELINE: _kind(PIPELINE, _("Pipeline of Email Bison")),
    ANALYTICS: _kind(ANALYTICS, _("Analytics of Email Bison")),
    VOLUME: _kind(VOLUME, _("Volume of Email Bison")),
    BACKFILL: _kind(BACKFILL, _("Backfill of Email Bison")),
    COUNTS: _kind(COUNTS, _("Count of e-mail accounts at Email Bison")),
}


def tasks_of(key: str, workspace: Workspace, span: Span) -> list[Task]:
    """Return what a run of this kind has to do in a workspace, in its order."""
    name = key.removeprefix("bison.")
    if name != BACKFILL:
        return [Task(workspace, name, _SYNC_OF[name], span)]
    tasks = [
        Task(workspace, EMAIL_ACCOUNTS, email_accounts.sync, Span()),
        Task(workspace, PIPELINE, pipeline.sync, span),
    ]
    for month in span.months():
        tasks.append(Task(workspace, f"{ANALYTICS} {month.first:%Y-%m}", analytics.sync, month))
        tasks.append(Task(workspace, f"{VOLUME} {month.first:%Y-%m}", volume.sync, month))
    return tasks


_SYNC_OF: Final[dict[str, Sync]] = {
    EMAIL_ACCOUNTS: email_accounts.sync,
    PIPELINE: pipeline.sync,
    ANALYTICS: analytics.sync,
    VOLUME: volume.sync,
    COUNTS: counting.sync,
}

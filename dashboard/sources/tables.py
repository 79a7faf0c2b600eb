"""The tables of sources: each source in a row, the accounts of one,
what it lists per rep, and what waits.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.words.icons import icon
from dashboard import progress, proofs, signs
from dashboard.calls.words import number
from dashboard.fathom.tables import reasons
from dashboard.proofs import Proof
from dashboard.sources.rows import SourceRow
from dashboard.tables import Column, Empty, Selection, Table, link
from dashboard.templatetags import ui
from fathom_sync.models import FathomMeeting, LedgerDay

if TYPE_CHECKING:
    from dashboard.sources.days import Row
    from dashboard.sources.fathom import AccountRow
    from dashboard.sources.queue import Cause, Group

NOTHING: Final = Empty(gettext_lazy("Nothing in this span"))
NO_RECORDS: Final = Empty(
    gettext_lazy("No recordings"), gettext_lazy("Nothing is listed here for that."), "video"
)
NO_ACCOUNTS: Final = Empty(gettext_lazy("No account"), "", "key-round")


def sources(rows: Sequence[SourceRow]) -> Table[SourceRow]:
    """Declare the table of sources."""
    columns = [
        Column[SourceRow]("source", _("Source"), _source, names_row=True),
        Column[SourceRow]("state", _("State"), lambda row: signs.status(row.look, quiet=True)),
        Column[SourceRow]("proof", _("Proof"), _bar, css="source-proof"),
        Column[SourceRow]("waiting", _("Left out"), _waiting),
        Column[SourceRow]("last", _("Last success"), lambda row: signs.ago(row.last_success_at)),
    ]
    return Table(_("Sources"), columns, rows, NOTHING)


def _source(row: SourceRow) -> SafeString:
    name = link(row.url, row.name)
    hint = format_html('<span class="quiet small">{}</span>', row.hint) if row.hint else ""
    return format_html(
        '<span class="source-name">{}<span class="source-words">{}{}</span></span>',
        icon(row.icon),
        name,
        hint,
    )


def _bar(row: SourceRow) -> SafeString:
    """Draw the small proof bar; while a sync runs, how far that is stands under it."""
    drawn = ui.proof_bar(row.proof, vendor=row.vendor, small=True, left_out_href=row.waiting_url)
    if row.run is None:
        return drawn
    running = progress.of_run(row.run, label=_("Syncing now"), small=True)
    return format_html('<div class="source-bars">{}{}</div>', drawn, running)


def _waiting(row: SourceRow) -> Any:
    if not row.waiting:
        return ""
    return format_html('<a href="{}">{}</a>', row.waiting_url, row.waiting_words)


def accounts(rows: "Sequence[AccountRow]") -> "Table[AccountRow]":
    """Declare the table of the accounts that bring the calls."""
    columns: list[Column[AccountRow]] = [
        Column("account", _("Account"), lambda row: row.name, names_row=True),
        Column("state", _("Connection"), lambda row: signs.status(row.look, quiet=True)),
        Column(
            "proof", _("Proof"), lambda row: ui.proof_bar(row.proof, small=True), css="source-proof"
        ),
        Column("last", _("Last success"), lambda row: signs.ago(row.account.last_synced_at)),
    ]
    return Table(_("Accounts"), columns, rows, NO_ACCOUNTS)


def per_rep(rows: "Sequence[Row]") -> "Table[Row]":
    """Declare the table of what is listed against what is in Koppel, a row per rep."""
    columns: list[Column[Row]] = [
        Column("rep", _("Rep"), _whose, names_row=True),
        Column("proof", _("Proof"), _proof, css="proof-cell"),
        Column("at_vendor", _("At Fathom"), lambda row: number(row.sums.at_vendor), numeric=True),
        Column("in_koppel", _("In Koppel"), lambda row: number(row.sums.in_koppel), numeric=True),
        Column("missing", _("Missing"), _missing, numeric=True),
        Column("left_out", _("Left out, and why"), lambda row: reasons(row.reasons)),
    ]
    return Table(_("Per rep"), columns, rows, NOTHING)


def _whose(row: "Row") -> Any:
    if row.rep_id:
        return link(reverse("dashboard:rep", args=[row.rep_id]), row.name)
    return row.name


def _proof(row: "Row") -> SafeString:
    sums = row.sums
    proof = Proof(
        sums.at_vendor, sums.in_koppel, sums.reasons.total(), sums.missing, row.checked_at
    )
    return proofs.drawing(proof, proof.parts(), label=proofs.in_words(proof, "Fathom"))


def _missing(row: "Row") -> SafeString | str:
    missing = row.sums.missing
    if not missing:
        return "0"
    return format_html('<span class="proof-count-missing">{}</span>', number(missing))


def gaps(days: Sequence[LedgerDay], href: Any) -> Table[LedgerDay]:
    """Declare the table of the days on which something is missing;
    `href` says where a day's records are.
    """
    columns = [
        Column[LedgerDay](
            "day",
            _("Day"),
            lambda day: link(href(day), date_format(day.day, "j F Y"), drawer="records"),
        ),
        Column[LedgerDay](
            "rep", _("Rep"), lambda day: day.rep.name if day.rep else _("Not assigned")
        ),
        Column[LedgerDay]("missing", _("Missing"), lambda day: number(day.missing), numeric=True),
        Column[LedgerDay]("checked", _("Checked"), lambda day: signs.ago(day.checked_at)),
    ]
    return Table(_("Days with something missing"), columns, days, NOTHING)


def records(
    rows: Sequence[FathomMeeting], *, caption: Any, with_rep: bool = False, with_reason: bool = True
) -> Table[FathomMeeting]:
    """Declare the table of single recordings, each with what became of it."""
    whose = Column[FathomMeeting]("rep", _("Rep"), lambda row: row.rep.name if row.rep else "")
    why = Column[FathomMeeting]("state", _("State"), _became)
    columns = [
        Column[FathomMeeting]("title", _("Recording"), _recording, names_row=True),
        Column[FathomMeeting]("when", _("When"), _when, css="nowrap"),
        *([whose] if with_rep else []),
        *([why] if with_reason else []),
    ]
    return Table(caption, columns, rows, NO_RECORDS)


def _when(row: FathomMeeting) -> Any:
    when = row.created_at or row.started_at
    if when is None:
        return ""
    return ui.moment(when)


def _recording(row: FathomMeeting) -> Any:
    title = row.title or row.recorder_name or row.recorder or _("Without a title")
    if row.outcome == FathomMeeting.Outcome.IMPORTED and row.call_id:
        return link(reverse("dashboard:call", args=[row.call_id]), title)
    return title


def _became(row: FathomMeeting) -> Any:
    reason = row.reason
    if row.outcome == FathomMeeting.Outcome.IMPORTED and row.call_id is None:
        reason = "deleted"
    if not reason:
        return signs.status(f"listed.{row.outcome}", quiet=True)
    state = "skipped" if reason == "deleted" else row.outcome
    return signs.status(f"listed.{state}", FathomMeeting.REASONS.get(reason, reason), quiet=True)


def waiting(cause: "Cause", *, form: str) -> "Table[Group]":
    """Declare the table of one cause; with a `form`, its rows can be selected for it and
    assigned one by one.
    """
    columns: list[Column[Group]] = [
        Column("recorder", _("Recorded by"), _recorder, names_row=True),
        Column("calls", _("Calls"), lambda group: number(group.count), numeric=True),
        Column("newest", _("Newest"), lambda group: signs.ago(group.newest)),
    ]
    selection: Selection[Group] | None = None
    if form:
        columns.append(Column("assign", "", _assign, css="row-action"))
        selection = Selection("group", lambda group: group.key, _named, form)
    return Table(cause.title, columns, cause.groups, NOTHING, selection=selection)


def _named(group: "Group") -> str:
    return group.recorder or group.name or _("Nobody named")


def _recorder(group: "Group") -> Any:
    """Write whose they are; a press on the row shows the meetings."""
    words: Any = _named(group)
    if group.recorder and group.name:
        words = format_html('{} <span class="quiet">{}</span>', group.recorder, group.name)
    return link(group.url, words, drawer="assign-drawer")


def _assign(group: "Group") -> SafeString:
    name = _("Assign the calls of %(name)s") % {"name": _named(group)}
    return format_html(
        '<a class="button button-small" href="{}" '
        'data-drawer="assign-drawer" aria-label="{}">{}</a>',
        group.url,
        name,
        _("Assign"),
    )

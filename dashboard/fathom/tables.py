"""The tables of what Fathom lists: the syncs that were, the sums per rep, and the addresses that hold calls back."""

from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard import proofs, signs
from dashboard.calls.words import number
from dashboard.fathom.ledger import Row
from dashboard.fathom.sync import Line
from dashboard.fathom.waiting import Cause, Group
from dashboard.proofs import Proof
from dashboard.tables import Column, Empty, Selection, Table, lines_of, link

NO_SYNC: Final = Empty(
    gettext_lazy("No sync yet"),
    gettext_lazy("Each one stays here with what it found, what it left out and why."),
    "refresh-cw",
)
NOTHING: Final = Empty(gettext_lazy("Nothing in this span"))


def history(lines: Sequence[Line]) -> Table[Line]:
    """Declare the table of the last syncs."""
    columns = [
        Column("when", _("Started"), _begun, names_row=True),
        Column("range", _("Range"), lambda line: line.range),
        Column("state", _("State"), lambda line: signs.status(line.run.state)),
        Column("looked_at", _("Looked at"), lambda line: number(line.looked_at), numeric=True),
        Column("in_library", _("In the library"), lambda line: number(line.in_library), numeric=True),
        Column("reasons", _("Not imported, and why"), _why),
    ]
    return Table(_("History"), columns, lines, NO_SYNC)


def _begun(line: Line) -> SafeString:
    run = line.run
    when = signs.ago(run.started_at or run.created_at)
    return link(reverse("dashboard:run", args=[run.pk]), when, drawer="sync-run")


def _why(line: Line) -> Any:
    if line.run.error:
        return line.why
    return _reasons(line.reasons)


def _reasons(reasons: Sequence[tuple[str, int]]) -> SafeString:
    return lines_of(f"{number(count)} × {word}" for word, count in reasons)


def per_rep(rows: Sequence[Row]) -> Table[Row]:
    """Declare the table of what is listed against what is in Koppel, a row per rep."""
    columns = [
        Column("rep", _("Rep"), _whose, names_row=True),
        Column("proof", _("Proof"), _proof, css="proof-cell"),
        Column("at_vendor", _("At Fathom"), lambda row: number(row.sums.at_vendor), numeric=True),
        Column("in_koppel", _("In Koppel"), lambda row: number(row.sums.in_koppel), numeric=True),
        Column("missing", _("Missing"), _missing, numeric=True),
        Column("left_out", _("Left out, and why"), lambda row: _reasons(row.reasons)),
    ]
    return Table(_("Per rep"), columns, rows, NOTHING)


def _whose(row: Row) -> Any:
    if row.rep_id:
        return link(reverse("dashboard:rep", args=[row.rep_id]), row.name)
    return row.name


def _proof(row: Row) -> SafeString:
    sums = row.sums
    proof = Proof(sums.at_vendor, sums.in_koppel, sums.reasons.total(), sums.missing, row.checked_at)
    return proofs.drawing(proof, proof.parts(), label=proofs.in_words(proof, "Fathom"))


def _missing(row: Row) -> SafeString | str:
    missing = row.sums.missing
    if not missing:
        return "0"
    return format_html('<span class="proof-count-missing">{}</span>', number(missing))


def waiting(cause: Cause, *, form: str) -> Table[Group]:
    """Declare the table of one cause; with a `form`, its rows can be selected for it."""
    columns = [
        Column("recorder", _("Recorded by"), _recorder, names_row=True),
        Column("calls", _("Calls"), lambda group: number(group.count), numeric=True),
        Column("newest", _("Newest"), lambda group: signs.ago(group.newest)),
    ]
    selection = None
    if form:
        selection = Selection("group", lambda group: group.key, _named, form)
    return Table(cause.title, columns, cause.groups, NOTHING, selection=selection)


def _named(group: Group) -> str:
    return group.recorder or group.name or _("Nobody named")


def _recorder(group: Group) -> Any:
    if group.recorder and group.name:
        return format_html('{} <span class="quiet">{}</span>', group.recorder, group.name)
    return _named(group)

"""The table of the syncs that were, with what each left out and why."""

from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard import signs
from dashboard.calls.words import number
from dashboard.fathom.sync import Line
from dashboard.tables import Column, Empty, Table, lines_of, link

NO_SYNC: Final = Empty(
    gettext_lazy("No sync yet"),
    gettext_lazy("Each one stays here with what it found, what it left out and why."),
    "refresh-cw",
)


def history(lines: Sequence[Line]) -> Table[Line]:
    """Declare the table of the last syncs."""
    columns = [
        Column("when", _("Started"), _begun, names_row=True),
        Column("range", _("Range"), lambda line: line.range),
        Column("state", _("State"), lambda line: signs.status(line.run.state)),
        Column("looked_at", _("Looked at"), lambda line: number(line.looked_at), numeric=True),
        Column(
            "in_library", _("In the library"), lambda line: number(line.in_library), numeric=True
        ),
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
    return reasons(line.reasons)


def reasons(reasons: Sequence[tuple[str, int]]) -> SafeString:
    return lines_of(f"{number(count)} × {word}" for word, count in reasons)

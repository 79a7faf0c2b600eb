"""The tables of calls and of reps: their columns, and what stands in them while they are empty."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from calls.models import Call
from core.words.markup import markup
from crm.models import SalesRep
from dashboard import signs
from dashboard.calls import words
from dashboard.calls.rows import Row
from dashboard.tables import Column, Empty, Table, addresses, link

NO_CALLS: Final = Empty(
    gettext_lazy("No calls yet"),
    gettext_lazy(
        "Every call that is held or recorded stands here, with what was said and what came of it."
        " The first one appears by itself."
    ),
    "phone",
)
NONE_MATCH: Final = Empty(
    gettext_lazy("No calls match"), gettext_lazy("Clear the filter to see all calls."), "phone"
)
NONE_HAS_THE_WORDS: Final = Empty(
    gettext_lazy("No calls match"),
    gettext_lazy("Look for fewer or other words, or clear the filter to see all calls."),
    "phone",
)
PAGES_OF_REPS: Final = gettext_lazy("Pages of reps")
NO_REP_OF_THIS_NAME: Final = Empty(
    gettext_lazy("No rep of this name"),
    gettext_lazy("Look for another name or address, or clear the filter."),
    "users",
)


def calls(
    rows: Sequence[Row],
    *,
    caption: Any,
    empty: Empty = NO_CALLS,
    opened_from: str = "",
    with_rep: bool = True,
    with_organization: bool = False,
    sorts: bool = False,
    **more: Any,
) -> Table[Row]:
    """Declare a table of calls. `opened_from`: what the list is cut to, as a query;
    it goes along to the call.
    """
    whose: Column[Row] = Column(
        "organization", _("Organization"), lambda row: row.call.organization.name, css="clip"
    )
    columns = [
        Column(
            "call",
            _("Call"),
            _title(opened_from),
            names_row=True,
            text=lambda row: words.title(row.call),
        ),
        *([Column("rep", _("Rep"), _rep, css="clip")] if with_rep else []),
        *([whose] if with_organization else []),
        Column(
            "when",
            _("When"),
            _when,
            sort=sorts,
            css="nowrap",
            text=lambda row: row.call.happened_at.isoformat(),
        ),
        Column(
            "length",
            _("Length"),
            _length,
            numeric=True,
            css="nowrap",
            text=lambda row: row.call.duration_seconds,
        ),
        Column("outcome", _("Outcome"), lambda row: signs.outcome(row.call.outcome)),
        Column(
            "recording",
            _("Recording"),
            _recording,
            css="shrink",
            text=lambda row: words.recording(row.call).word,
        ),
    ]
    return Table(caption, columns, rows, empty, **more)


def _title(opened_from: str) -> Callable[[Row], SafeString]:
    query = ""
    if opened_from:
        query = f"?{opened_from}"

    address = addresses("dashboard:call")

    def write(row: Row) -> SafeString:
        title = link(f"{address(row.call.pk)}{query}", row.title or words.title(row.call))
        places = SafeString("")
        if row.places:
            places = format_html_join(
                "", '<p class="call-place">…{}…</p>', ((place,) for place in row.places)
            )
        return markup(
            '<div class="cell-line">{}{}{}</div>{}',
            _source(row.call),
            title,
            _about(row.call),
            places,
        )

    return write


def _source(call: Call) -> SafeString:
    return signs.source(call.source, word=False)


def _about(call: Call) -> SafeString:
    """Write what is known of a call beside its name: with whom it was,
    and how far it is where it is not over.
    """
    about = ""
    if call.lead and call.title:
        about = markup('<span class="cell-about">{}</span>', call.lead.name)
    if call.status == Call.Status.COMPLETED:
        return SafeString(about)
    return markup("{}{}", about, signs.status(words.state(call), quiet=True))


def _rep(row: Row) -> SafeString:
    name = ""
    if row.call.rep:
        name = row.call.rep.name
    return signs.person(name, none=_("Not assigned"))


def _when(row: Row) -> SafeString:
    return signs.ago(row.call.happened_at)


def _length(row: Row) -> str:
    if row.call.duration_seconds is None:
        return ""
    return words.length(row.call.duration_seconds)


def _recording(row: Row) -> SafeString | str:
    """Write the picture alone of what nearly every row has;
    the words of what somebody has to know.
    """
    shown = words.recording(row.call)
    if shown.icon in ("play", "circle-dashed"):
        return signs.mark(shown)
    if not shown.icon:
        return ""
    return signs.status(shown, quiet=True)


def calls_in_words(number: int) -> str:
    """Say a number of calls."""
    return ngettext("%(number)s call", "%(number)s calls", number) % {
        "number": words.number(number)
    }


def no_reps(*, may_add: bool) -> Empty:
    """Say what a rep is where there is none, and let whoever may add one."""
    title = _("No reps yet")
    if not may_add:
        text = _(
            "A rep is somebody whose calls are kept here. Whoever runs your organization adds them."
        )
        return Empty(title, text, "users")
    text = _(
        "A rep is somebody whose calls are kept here. Add one by the address that they record with."
    )
    return Empty(title, text, "users", _("Add a rep"), reverse("dashboard:add_rep"), "plus")


def reps(
    rows: Sequence[SalesRep], *, empty: Empty, with_organization: bool, **more: Any
) -> Table[SalesRep]:
    """Declare the table of reps."""
    whose: Column[SalesRep] = Column(
        "organization", _("Organization"), lambda rep: rep.organization.name, css="clip"
    )
    columns = [
        Column("name", _("Rep"), _name(), sort=True, names_row=True, text=lambda rep: rep.name),
        Column("team", _("Team"), lambda rep: rep.team.name if rep.team else "", sort=True),
        *([whose] if with_organization else []),
        Column(
            "calls", _("Calls"), lambda rep: words.number(rep.call_count), sort=True, numeric=True
        ),
        Column(
            "last",
            _("Last call"),
            lambda rep: signs.ago(rep.last_call_at, none=_("none yet")),
            sort=True,
        ),
    ]
    return Table(_("Reps"), columns, rows, empty, **more)


def _name() -> Callable[[SalesRep], SafeString]:
    address = addresses("dashboard:rep")

    def write(rep: SalesRep) -> SafeString:
        archived = ""
        if rep.archived_at:
            archived = signs.status("archived")
        elif getattr(rep, "waits", False):
            archived = signs.status("waiting", _("Address waits for the agency"), quiet=True)
        line = '<div class="cell-line">{}<span class="cell-about">{}</span>{}</div>'
        return markup(line, link(address(rep.pk), rep.name), rep.email, archived)

    return write

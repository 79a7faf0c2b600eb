"""One meeting of the schedule as a line: when, with whom, how far it is, and the way in.

There are fifty of them on a page, and so no template writes them.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.words.icons import icon
from core.words.markup import markup
from dashboard import signs
from dashboard.scheduling.calendar import Meeting
from dashboard.tables import addresses

LINE = (
    '<li class="meeting{}"><p class="meeting-time"><span class="meeting-clock">'
    '<time datetime="{}">{}</time> – <time datetime="{}">{}</time></span>{}</p>'
    '<div class="meeting-what"><h3 class="meeting-title"><a href="{}" '
    'data-drawer="meeting">{}</a></h3><p class="meeting-people quiet small">{}{}</p></div>'
    '<p class="meeting-state">{}</p><div class="meeting-acts">{}{}</div></li>\n'
)
INVITE = (
    '<a class="button button-ghost" href="{}" hx-get="{}" hx-target="#guest-links" '
    'aria-label="{}: {}">'
    "{}<span>{}</span></a>"
)
JOIN = '<a class="button{}" href="{}" aria-label="{}: {}">{}<span>{}</span></a>'
Address = Callable[[UUID], str]


class Lines:
    """What writes the lines of a page. `may_book`: the page has another button that stands out,
    to book a meeting.
    """

    def __init__(self, *, may_book: bool) -> None:
        self.may_book = may_book

    @cached_property
    def _meeting(self) -> Address:
        return addresses("dashboard:meeting")

    @cached_property
    def _guests(self) -> Address:
        return addresses("dashboard:guests")

    @cached_property
    def _room(self) -> Address:
        return addresses("dashboard:call_room")

    def of(self, meetings: Iterable[Meeting]) -> SafeString:
        """Write the lines of a day."""
        return SafeString("".join([self._line(meeting) for meeting in meetings]))

    def _line(self, meeting: Meeting) -> str:
        row = meeting.appointment
        off, elsewhere, lead = "", "", ""
        if meeting.is_off:
            off = " meeting-off"
        if meeting.elsewhere:
            elsewhere = markup('<span class="meeting-elsewhere">{}</span>', meeting.elsewhere)
        if row.title:
            lead = markup("<span>{}</span> ", _("with %(lead)s") % {"lead": row.lead.name})
        name = row.title or row.lead.name
        return markup(
            LINE,
            off,
            row.starts_at.isoformat(),
            meeting.starts,
            row.ends_at.isoformat(),
            meeting.ends,
            elsewhere,
            self._meeting(row.pk),
            name,
            lead,
            signs.person(meeting.closer, none=_("Not assigned")),
            signs.status(meeting.look),
            self._invite(meeting, name),
            self._join(meeting, name),
        )

    def _invite(self, meeting: Meeting, name: str) -> str:
        if not meeting.may_invite:
            return ""
        href, words = self._guests(meeting.appointment.pk), _("Invite guest")
        return markup(INVITE, href, href, words, name, icon("link"), words)

    def _join(self, meeting: Meeting, name: str) -> str:
        if not meeting.may_join:
            return ""
        stands_out = ""
        if meeting.is_open and not self.may_book:
            stands_out = " button-primary"
        href, words = self._room(meeting.appointment.pk), _("Join call")
        return markup(JOIN, stands_out, href, words, name, icon("video"), words)

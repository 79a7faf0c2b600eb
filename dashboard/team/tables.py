"""The tables of members, invitations and teams: their columns, and what stands in them
while they are empty.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.words.markup import markup
from crm import colleagues
from crm.models import Invitation, Member, SalesRep, Team
from dashboard import signs
from dashboard.tables import Column, Empty, Table, addresses, link
from dashboard.team.entering import Visit
from dashboard.templatetags import ui

DRAWER: Final = "team-side"
# The form that the buttons in the rows of invitations send.
ACTS: Final = "invitation-acts"
NO_MATCH: Final = Empty(
    gettext_lazy("Nobody matches"),
    gettext_lazy("Look for another name, or clear the filter."),
    "users",
)
NO_REPS: Final = Empty(
    gettext_lazy("No reps in this team yet"),
    gettext_lazy("Add one below: their calls are the team's too."),
    "users",
)
PAGES: Final = gettext_lazy("Pages of people")


def members(rows: Sequence[Member], visit: Visit, **more: Any) -> Table[Member]:
    """Declare the table of members: who and as what for all;
    the rest for whoever decides on them.
    """
    role = Column[Member]("role", _("Role"), lambda row: row.get_role_display(), sort=True)
    columns = [Column[Member]("name", _("Name"), _who(visit), sort=True, names_row=True), role]
    if visit.owns:
        columns += [
            Column[Member]("teams", _("Manages"), _teams, css="clip"),
            Column[Member]("rep", _("Rep"), _rep, css="clip"),
            Column[Member]("seen", _("Last sign-in"), _seen, sort=True),
            Column[Member]("factor", _("Second factor"), _factor),
        ]
    return Table(
        _("Members"),
        columns,
        rows,
        NO_MATCH,
        count=people_in_words(more.pop("total", len(rows))),
        **more,
    )


def people_in_words(number: int) -> str:
    """Say how many people there are."""
    return ngettext("%(number)d person", "%(number)d people", number) % {"number": number}


def _who(visit: Visit) -> Any:
    address = addresses("dashboard:team_member")

    def write(row: Member) -> SafeString:
        name, about = colleagues.name_of(row), ""
        own = SafeString("")
        if row.user_id == visit.user.pk:
            own = signs.pill(_("You"))
        if visit.owns:
            about = row.user.email
        shown: Any = name
        if visit.owns or row.user_id == visit.user.pk:
            shown = link(address(row.pk), name, drawer=DRAWER)
        return markup(
            '<div class="cell-line">{}{}<span class="cell-about">{}</span>{}</div>',
            signs.avatar(name),
            shown,
            about,
            own,
        )

    return write


def _teams(row: Member) -> str:
    return ", ".join(team.name for team in row.managed_teams.all())


def _rep(row: Member) -> SafeString | str:
    found = next(iter(row.reps.all()), None)
    if found is None:
        return ""
    return markup('<a href="{}">{}</a>', reverse("dashboard:rep", args=[found.pk]), found.name)


def _seen(row: Member) -> SafeString:
    return signs.ago(row.user.last_login, none=_("never"))


def _factor(row: Member) -> SafeString:
    is_on: bool = row.has_second_factor  # type: ignore[attr-defined]
    if is_on:
        return signs.status("enabled", quiet=True)
    return signs.status("disabled", quiet=True)


def invitations(rows: Sequence[Invitation]) -> Table[Invitation]:
    """Declare the table of those who are invited and have not come."""
    columns = [
        Column[Invitation]("email", _("E-mail"), lambda row: row.email, names_row=True),
        Column[Invitation]("role", _("Role"), lambda row: row.get_role_display()),
        Column[Invitation]("state", _("State"), _state),
        Column[Invitation]("by", _("Invited by"), _inviter, css="clip"),
        Column[Invitation]("acts", "", _acts, css="shrink"),
    ]
    empty = Empty(_("Nobody is invited"), icon="inbox")
    return Table(_("Invitations"), columns, rows, empty)


def _state(row: Invitation) -> SafeString:
    if row.expires_at <= timezone.now():
        return signs.status("expired", quiet=True)
    if row.sent_at is None:
        return signs.status("waiting", quiet=True)
    return markup("<span>{} {}</span>", signs.status("sent", quiet=True), signs.ago(row.sent_at))


def _inviter(row: Invitation) -> str:
    if row.invited_by is None:
        return ""
    return row.invited_by.get_full_name() or row.invited_by.get_username()


def _acts(row: Invitation) -> SafeString:
    address = reverse("dashboard:team_invitation", args=[row.pk])
    names = {
        "again": _("Send again to %(email)s"),
        "withdraw": _("Withdraw the invitation of %(email)s"),
    }
    words = {"again": _("Send again"), "withdraw": _("Withdraw")}
    buttons = [
        ui.button(
            words[what],
            variant="ghost",
            small=True,
            name="what",
            value=what,
            form=ACTS,
            formaction=address,
            aria_label=names[what] % {"email": row.email},
        )
        for what in words
    ]
    return markup('<div class="row row-buttons">{}{}</div>', *buttons)


def teams(rows: Sequence[Team], *, empty: Empty) -> Table[Team]:
    """Declare the table of teams."""
    address = addresses("dashboard:team_of_reps")
    columns = [
        Column[Team](
            "name",
            _("Team"),
            lambda row: link(address(row.pk), row.name, drawer=DRAWER),
            names_row=True,
        ),
        Column[Team]("managers", _("Managers"), _managers, css="clip"),
        Column[Team]("reps", _("Reps"), lambda row: row.rep_count, numeric=True),  # type: ignore[attr-defined]
    ]
    return Table(_("Teams"), columns, rows, empty)


def _managers(row: Team) -> str:
    return ", ".join(colleagues.name_of(member) for member in row.managers.all())


def reps_of_team(rows: Sequence[SalesRep], *, may_change: bool) -> Table[SalesRep]:
    """Declare the table of a team's reps."""
    columns = [Column[SalesRep]("name", _("Rep"), _rep_name(), names_row=True)]
    if may_change:
        columns.append(Column("acts", "", _take_out, css="shrink"))
    return Table(_("Reps"), columns, rows, NO_REPS)


def _rep_name() -> Any:
    address = addresses("dashboard:rep")

    def write(row: SalesRep) -> SafeString:
        archived = SafeString("")
        if row.archived_at:
            archived = signs.status("archived")
        return markup(
            '<div class="cell-line">{}{}</div>', link(address(row.pk), row.name), archived
        )

    return write


def _take_out(row: SalesRep) -> SafeString:
    label = _("Take %(name)s out of the team") % {"name": row.name}
    extra: dict[str, Any] = {
        "name": "take_out",
        "value": row.pk,
        "form": "team-reps",
        "aria_label": label,
    }
    return ui.button(_("Take out"), variant="ghost", small=True, **extra)

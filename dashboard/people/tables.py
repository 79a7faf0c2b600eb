"""The tables of leads and of contacts: their columns, and what stands in them
while they are empty.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.words.markup import markup
from crm.models import Contact, Lead, Member
from dashboard import signs
from dashboard.calls import words
from dashboard.tables import Column, Empty, Selection, Table, addresses, link

NO_LEADS: Final = Empty(
    gettext_lazy("No leads yet"),
    gettext_lazy(
        "A lead is somebody who may buy. They come from interested replies and connected services, "
        "or you add one."
    ),
    "users",
)
NO_CONTACTS: Final = Empty(
    gettext_lazy("No contacts yet"),
    gettext_lazy("Contacts come from connected services, or you add one."),
    "users",
)
NONE_MATCH: Final = Empty(
    gettext_lazy("Nobody matches"), gettext_lazy("Clear the filter to see everybody."), "search"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A lead as a row shows it, with the meeting ahead and the last call
    that the reader may see.
    """

    lead: Lead
    meeting: datetime | None = None
    called: datetime | None = None


def leads(
    rows: Sequence[Row], *, empty: Empty = NO_LEADS, with_organization: bool, **more: Any
) -> Table[Row]:
    """Declare the table of leads."""
    whose: Column[Row] = Column(
        "organization", _("Organization"), lambda row: row.lead.organization.name, css="clip"
    )
    columns = [
        Column("name", _("Name"), _name_of_lead(), sort=True, names_row=True, css="person-cell"),
        *([whose] if with_organization else []),
        Column("company", _("Company"), lambda row: row.lead.company, css="clip"),
        Column(
            "status",
            _("Status"),
            lambda row: signs.status(f"lead.{row.lead.status}", quiet=True),
            css="nowrap",
        ),
        Column(
            "source",
            _("Source"),
            lambda row: source(row.lead.source),
            css="clip only-wide",
            hide_on_phone=True,
        ),
        Column("team", _("Team"), _team, css="clip only-wide", hide_on_phone=True),
        Column(
            "qualified_by", _("Qualified by"), lambda row: member(row.lead.qualified_by), css="clip"
        ),
        Column("meeting", _("Next meeting"), lambda row: _ahead(row.meeting), css="nowrap"),
        Column("called", _("Last call"), lambda row: _ago(row.called), css="nowrap"),
        Column(
            "updated",
            _("Updated"),
            lambda row: signs.ago(row.lead.updated_at),
            sort=True,
            css="nowrap",
            hide_on_phone=True,
        ),
    ]
    return Table(_("Leads"), columns, rows, empty, **more)


def exported_leads(*, with_organization: bool) -> Table[Lead]:
    """Declare the columns of leads that are taken along."""
    whose: Column[Lead] = Column(
        "organization", _("Organization"), lambda lead: lead.organization.name
    )
    columns: list[Column[Lead]] = [
        *_exported(),
        *([whose] if with_organization else []),
        Column("status", _("Status"), lambda lead: str(lead.get_status_display())),
        Column("source", _("Source"), lambda lead: lead.source),
        Column("team", _("Team"), lambda lead: lead.team.name if lead.team else ""),
        Column("qualified_by", _("Qualified by"), lambda lead: _member(lead.qualified_by)),
        *_dates(),
    ]
    return Table(_("Leads"), columns, [], NO_LEADS)


def contacts(
    rows: Sequence[Contact], *, empty: Empty = NO_CONTACTS, with_organization: bool, **more: Any
) -> Table[Contact]:
    """Declare the table of contacts."""
    whose: Column[Contact] = Column(
        "organization", _("Organization"), lambda row: row.organization.name, css="clip"
    )
    columns = [
        Column("name", _("Name"), _name_of_contact(), sort=True, names_row=True, css="person-cell"),
        *([whose] if with_organization else []),
        Column("company", _("Company"), lambda row: row.company, css="clip"),
        Column("phone", _("Phone"), lambda row: row.phone, css="nowrap"),
        Column("lead", _("Lead"), _lead(), css="clip"),
        Column(
            "updated",
            _("Updated"),
            lambda row: signs.ago(row.updated_at),
            sort=True,
            css="nowrap",
            hide_on_phone=True,
        ),
    ]
    return Table(_("Contacts"), columns, rows, empty, **more)


def exported_contacts(*, with_organization: bool) -> Table[Contact]:
    """Declare the columns of contacts that are taken along."""
    whose: Column[Contact] = Column(
        "organization", _("Organization"), lambda row: row.organization.name
    )
    columns: list[Column[Contact]] = [
        *_exported(),
        *([whose] if with_organization else []),
        Column("lead", _("Lead"), lambda row: row.lead.name if row.lead else ""),
        *_dates(),
    ]
    return Table(_("Contacts"), columns, [], NO_CONTACTS)


def selection(form: str, may: Callable[[Row], bool]) -> Selection[Row]:
    """Return the boxes in front of leads."""
    return Selection(
        "lead",
        lambda row: str(row.lead.pk),
        lambda row: _("Select %(name)s") % {"name": row.lead.name},
        form,
        may,
    )


def source(name: str) -> SafeString | str:
    """Write where somebody came from, with the mark of a source of ours."""
    if name == "Email Bison":
        return signs.source("email_bison")
    return name


def member(row: Member | None) -> SafeString:
    """Write who of the organization somebody is."""
    return signs.person(_member(row))


def leads_in_words(number: int) -> str:
    """Say a number of leads."""
    return ngettext("%(number)s lead", "%(number)s leads", number) % {
        "number": words.number(number)
    }


def contacts_in_words(number: int) -> str:
    """Say a number of contacts."""
    return ngettext("%(number)s contact", "%(number)s contacts", number) % {
        "number": words.number(number)
    }


def _exported() -> list[Column[Any]]:
    return [
        Column("name", _("Name"), lambda row: row.name),
        Column("email", _("E-mail"), lambda row: row.email),
        Column("phone", _("Phone"), lambda row: row.phone),
        Column("company", _("Company"), lambda row: row.company),
    ]


def _dates() -> list[Column[Any]]:
    return [
        Column("created", _("Added"), lambda row: row.created_at.isoformat()),
        Column("updated", _("Updated"), lambda row: row.updated_at.isoformat()),
    ]


def _name_of_lead() -> Callable[[Row], SafeString]:
    write = _title("dashboard:person")
    return lambda row: write(row.lead.pk, row.lead.name, row.lead.email)


def _name_of_contact() -> Callable[[Contact], SafeString]:
    write = _title("dashboard:contact")
    return lambda row: write(row.pk, row.name, row.email)


def _title(name: str) -> Callable[[UUID, str, str], SafeString]:
    address = addresses(name)

    def write(key: UUID, words: str, email: str) -> SafeString:
        line = '<div class="cell-line">{}<span class="cell-about">{}</span></div>'
        return markup(line, link(address(key), words), email)

    return write


def _lead() -> Callable[[Contact], SafeString | str]:
    address = addresses("dashboard:person")

    def write(row: Contact) -> SafeString | str:
        if row.lead is None:
            return ""
        return signs.person(row.lead.name, address(row.lead.pk))

    return write


def _team(row: Row) -> str:
    if row.lead.team is None:
        return ""
    return row.lead.team.name


def _member(row: Member | None) -> str:
    if row is None:
        return ""
    return row.user.get_full_name() or row.user.get_username()


def _ahead(meeting: datetime | None) -> SafeString | str:
    """Say how far a meeting is; the one that has begun is now."""
    if meeting is not None and meeting <= timezone.now():
        return _("now")
    return _ago(meeting)


def _ago(when: datetime | None) -> SafeString | str:
    if when is None:
        return ""
    return signs.ago(when)

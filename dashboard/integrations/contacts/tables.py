"""The tables of the contacts' tab."""

from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Run
from core.words import times
from core.words.states import look
from dashboard import progress, signs
from dashboard.tables import Column, Empty, Table, link
from integrations.contacts import Origin
from integrations.contacts.mapping import LABELS
from integrations.contacts.words import OF_SYNCS, REASONS
from integrations.models import ContactLink

NO_RUNS: Final = Empty(
    gettext_lazy("Nothing was synced yet"),
    gettext_lazy("Look at a preview first: it says what a sync would do and writes nothing."),
    "activity",
)
NO_PEOPLE: Final = Empty(
    gettext_lazy("Nobody yet"),
    gettext_lazy("Whoever a sync finds at the service stands here, and why not."),
    "users",
)
NO_CHANGES: Final = Empty(
    gettext_lazy("Nothing would change"),
    gettext_lazy("Both sides have the same contacts."),
    "circle-check",
)


def runs(rows: Sequence[Run]) -> Table[Run]:
    """Declare the table of syncs and previews."""
    columns: list[Column[Run]] = [
        Column("what", _("What"), _what, names_row=True),
        Column("state", _("State"), lambda run: signs.status(run.state)),
        Column("done", _("Done"), progress.in_words),
        Column("why", _("Why"), lambda run: run.error, css="clip"),
        Column(
            "when",
            _("Started"),
            lambda run: signs.ago(run.started_at or run.created_at),
            css="nowrap",
        ),
        Column("took", _("Took"), _took, numeric=True, css="nowrap"),
    ]
    return Table(_("Syncs"), columns, rows, NO_RUNS)


def preview(run: Run) -> Table[dict[str, Any]]:
    """Declare the table of what a preview found, with the first examples of it."""
    columns: list[Column[dict[str, Any]]] = [
        Column("name", _("Name"), lambda line: line.get("name", ""), names_row=True),
        Column("email", _("E-mail"), lambda line: line.get("email", "")),
        Column("outcome", _("Would be"), lambda line: OF_SYNCS.get(line.get("outcome", ""), "")),
        Column("fields", _("Fields"), lambda line: _labels(line.get("fields", []))),
    ]
    rows = run.evidence.get("preview", []) if isinstance(run.evidence, dict) else []
    return Table(_("What a sync would do"), columns, rows, NO_CHANGES)


def people(rows: Sequence[ContactLink], **more: Any) -> Table[ContactLink]:
    """Declare the table of the service's contacts: whose each is in Koppel, or why nobody's."""
    columns: list[Column[ContactLink]] = [
        Column("email", _("Contact"), _named, names_row=True),
        Column(
            "state",
            _("State"),
            lambda row: signs.status(look(_state(row)), row.get_state_display()),
        ),
        Column("why", _("Why"), lambda row: REASONS.get(row.reason, ""), css="clip"),
        Column("changed", _("Changed there"), lambda row: signs.ago(row.changed_at), css="nowrap"),
        Column(
            "sent",
            _("Sent there"),
            lambda row: signs.ago(row.pushed_at),
            css="nowrap",
            hide_on_phone=True,
        ),
    ]
    return Table(_("Contacts at the service"), columns, rows, NO_PEOPLE, **more)


def origins(person: Any, rows: Sequence[Origin]) -> Table[Origin]:
    """Declare the table of where each of a person's fields came from."""
    columns: list[Column[Origin]] = [
        Column("field", _("Field"), lambda row: LABELS[row.field], names_row=True),
        Column("value", _("Value"), lambda row: getattr(person, row.field)),
        Column(
            "from",
            _("Came from"),
            lambda row: row.integration.name if row.integration else "Koppel",
        ),
        Column("when", _("When"), lambda row: signs.ago(row.at), css="nowrap"),
    ]
    return Table(_("Where each field came from"), columns, rows, NO_PEOPLE)


def _named(row: ContactLink) -> Any:
    name = row.email or row.vendor_id
    if row.contact_id is None and row.lead_id is None:
        return name
    address = reverse("dashboard:integration_contact", args=[row.integration_id, row.pk])
    return link(address, name)


def _state(row: ContactLink) -> str:
    states = {"linked": "connected", "left_out": "skipped", "gone": "expired", "refused": "refused"}
    return states[row.state]


def _what(run: Run) -> str:
    if run.parameters.get("dryRun"):
        return _("Preview")
    return _("Sync")


def _took(run: Run) -> str:
    if run.started_at and run.finished_at:
        return times.lasted(run.started_at, run.finished_at)
    return ""


def _labels(names: Sequence[str]) -> str:
    return ", ".join(str(LABELS[name]) for name in names if name in LABELS)

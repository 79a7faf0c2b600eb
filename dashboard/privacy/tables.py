"""The tables of erasures, exports, and of what a certificate says."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import User
from core.privacy import places
from crm.models import Erasure, PersonExport
from dashboard.signs import ago, status
from dashboard.tables import Column, Empty, Table, addresses, link

NO_ERASURES: Final = Empty(gettext_lazy("Nobody was erased"), "", "shield-check")
NO_EXPORTS: Final = Empty(gettext_lazy("No file was asked for today"), "", "file-text")
NOTHING_FOUND: Final = Empty(gettext_lazy("Nothing named this person"), "", "circle-check")
Line = Mapping[str, Any]


def erasures(rows: Sequence[Erasure]) -> Table[Erasure]:
    """Declare the erasures, each with the way to its certificate."""
    address = addresses("dashboard:erasure_certificate")
    columns = [
        Column[Erasure]("state", _("State"), lambda row: status(row.state)),
        Column[Erasure]("asked", _("Asked for"), lambda row: ago(row.asked_at)),
        Column[Erasure]("by", _("By"), lambda row: row.asked_by_name, hide_on_phone=True),
        Column[Erasure](
            "certificate", _("Certificate"), lambda row: link(address(row.pk), _("Look"))
        ),
    ]
    return Table(_("Certificates"), columns, rows, NO_ERASURES)


def exports(rows: Sequence[PersonExport], reader: User) -> Table[PersonExport]:
    """Declare the files; whoever asked for one downloads it."""

    def file(row: PersonExport) -> SafeString | str:
        if row.state != PersonExport.State.DONE or row.asked_by_id != reader.pk:
            return ""
        return link(reverse("dashboard:person_export_file", args=[row.pk]), _("Download"))

    columns = [
        Column[PersonExport]("state", _("State"), lambda row: status(row.state)),
        Column[PersonExport]("asked", _("Asked for"), lambda row: ago(row.asked_at)),
        Column[PersonExport]("by", _("By"), lambda row: row.asked_by_name, hide_on_phone=True),
        Column[PersonExport]("file", _("File"), file),
    ]
    return Table(_("Files"), columns, rows, NO_EXPORTS)


def certificate(lines: Sequence[Line]) -> Table[Line]:
    """Declare what was done in each place, and why something stays."""
    columns = [
        Column[Line](
            "place", _("Place"), lambda line: places.name_of(line["place"]), names_row=True
        ),
        Column[Line]("found", _("Found"), lambda line: line["found"], numeric=True),
        Column[Line]("erased", _("Erased"), lambda line: line["erased"], numeric=True),
        Column[Line]("redacted", _("Redacted"), lambda line: line["redacted"], numeric=True),
        Column[Line]("kept", _("Kept"), lambda line: line["kept"], numeric=True),
        Column[Line]("why", _("Why"), lambda line: line["why"]),
    ]
    return Table(_("What was done"), columns, lines, NOTHING_FOUND)

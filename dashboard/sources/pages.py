"""The list of sources, and in one line whether all that they have is proven to be here.

`summary(user, scope)` is for the other pages that say it: `scope` is the organization that the
person looks at, None for staff who look at all (`Shell.scope`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from core.models import User
from dashboard.navigation import Shell
from dashboard.proofs import Proof
from dashboard.sources import entering, rows, tables
from dashboard.sources import fathom as account_rows
from dashboard.sources.rows import SourceRow
from fathom_sync import access as fathom
from integrations import access as integrations

# What is wrong with a source, the worst first.
FAULTS: Final = {"gap": 0, "error": 1, "failing": 2}
UNCHECKED: Final = ("unchecked", "partial")


@dataclass(frozen=True)
class Summary:
    """All sources of a person. `has_more`: there are others that were not looked at,
    so nothing is said of all.
    """

    rows: list[SourceRow] = field(default_factory=list)
    has_more: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.rows

    @cached_property
    def open(self) -> list[SourceRow]:
        """Those that are not proven now, what is worst first."""
        found = [row for row in self.rows if not row.is_proven]
        return sorted(found, key=lambda row: FAULTS.get(row.state, len(FAULTS)))

    @property
    def is_only_unchecked(self) -> bool:
        """Tell whether nothing is wrong with those that are not proven: they were not checked,
        or not all of them.
        """
        return all(row.state in UNCHECKED and not row.proof.failing_since for row in self.open)

    @property
    def is_proven(self) -> bool:
        return bool(self.rows) and not self.open and not self.has_more

    @property
    def checked_at(self) -> datetime | None:
        """When the proof was made that is the oldest; None where one of them was never made."""
        times = [row.proof.checked_at for row in self.rows]
        known = [time for time in times if time is not None]
        if not times or len(known) < len(times):
            return None
        return min(known)

    @property
    def proof(self) -> Proof:
        """All of them in one bar."""
        proofs = [row.proof for row in self.rows]
        failing = [proof.failing_since for proof in proofs if proof.failing_since]
        return Proof(
            sum(proof.at_vendor for proof in proofs),
            sum(proof.present for proof in proofs),
            sum(proof.left_out for proof in proofs),
            sum(proof.missing for proof in proofs),
            min((proof.checked_at for proof in proofs if proof.checked_at), default=None),
            min(failing, default=None),
            is_whole=all(proof.is_whole and proof.is_checked for proof in proofs),
        )


def summary(user: User, scope: UUID | None) -> Summary:
    """Return all sources that concern this person, in a fixed number of queries."""
    runs = rows.open_runs(user, scope)
    found: list[SourceRow] = []
    has_more = False
    if entering.sees_fathom(user, scope):
        found += rows.fathom(user, scope, runs)
    if entering.sees_bison(user):
        found += rows.bison(runs)
    if entering.sees_integrations(user, scope):
        contacts, has_more = rows.contact_syncs(user, scope, runs)
        found += contacts
    return Summary(found, has_more)


def page(user: User, shell: Shell) -> dict[str, Any]:
    """Return what the list shows."""
    found = summary(user, shell.scope)
    shown = [each for row in found.rows for each in (row, *_parts(row, shell.scope))]
    return {"summary": found, "table": tables.sources(shown), "first": _first_step(user, shell)}


def _parts(row: SourceRow, scope: UUID | None) -> list[SourceRow]:
    """Return the accounts of Fathom, where several bring the calls:
    each by itself, under all of them.
    """
    # The row says how many accounts there are where there are several.
    if row.kind != rows.FATHOM or not row.hint:
        return []
    return [
        SourceRow(
            row.slug,
            each.name,
            row.kind,
            "key-round",
            each.proof,
            _("Fathom account"),
            each.connection,
            each.account.last_synced_at,
            vendor=row.vendor,
        )
        for each in account_rows.of_several(scope)
    ]


def _first_step(user: User, shell: Shell) -> dict[str, str]:
    """Return the one thing to do where there is no source yet:
    to link Fathom for whoever may, else a service.
    """
    organization = None
    if not shell.is_staff:
        organization = shell.current
    has_account = shell.is_staff or organization is not None
    if has_account and fathom.may_change_account(user, organization):
        return {"word": _("Link Fathom"), "href": reverse("dashboard:fathom_link"), "icon": "link"}
    if shell.scope is not None or integrations.as_staff(user, integrations.SEE):
        return {
            "word": _("Connect a service"),
            "href": reverse("dashboard:integrations"),
            "icon": "link",
        }
    return {}

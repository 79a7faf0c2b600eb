"""What each source holds, in a row: its state, its proof, when it last worked, and what waits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Max, Min, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bison import access as bison
from bison.models import Instance, LedgerDay
from bison.models.instances import Health
from core.connections import Connection
from core.models import SourceDay, User
from core.words.markup import markup
from core.words.states import Look, look
from crm import access
from dashboard import proofs, signs
from dashboard.calls.words import number
from dashboard.fathom import proof as fathom_proof
from dashboard.fathom import waiting
from dashboard.home.fathom import Linked
from dashboard.navigation import Shell
from dashboard.proofs import Proof
from dashboard.tables import Column, Empty, Table, link
from fathom_sync import sight
from integrations import access as integrations
from integrations import registry
from integrations.contacts.proof import SOURCE as CONTACTS

PROVED: Final = timedelta(days=30)
Words = str | Promise


@dataclass(frozen=True)
class Source:
    """One source, or all workspaces of one host together."""

    name: Words
    about: Words
    href: str
    state: str
    proof: Proof | None = None
    vendor: Words = ""
    last: datetime | None = None
    waiting: Words = ""
    waiting_href: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong and all that was checked is there; what nobody checked yet is no fault."""
        if self.state in ("error", "failing", "degraded"):
            return False
        return self.proof is None or self.proof.look in (look("proof.whole"), look("proof.unchecked"))


def listed(user: User, shell: Shell, linked: Linked, left_out: int) -> list[Source]:
    """Return the sources that this person may see. `left_out`: recorded calls that wait for a rep."""
    found = []
    if linked.is_linked and _sees_fathom(user, shell):
        found.append(_fathom(user, shell, linked, left_out))
    if bison.may(user, bison.SEE):
        found += _instances()
    return [*found, *_integrations(user, shell.scope)]


def _sees_fathom(user: User, shell: Shell) -> bool:
    if shell.is_staff:
        return user.has_perm("fathom_sync.view_fathommeeting")
    return shell.sees_runs


def _fathom(user: User, shell: Shell, linked: Linked, left_out: int) -> Source:
    state = "connected"
    if linked.failing:
        state = "error"
    found = fathom_proof.evidence(user, shell, linked.serving)
    waits, address = "", reverse("dashboard:fathom_waiting")
    if left_out:
        waits = ngettext("%(number)s to assign", "%(number)s to assign", left_out) % {"number": number(left_out)}
    return Source(
        name="Fathom",
        about=ngettext("%(count)d account", "%(count)d accounts", len(linked.serving)) % {"count": len(linked.serving)},
        href=reverse("dashboard:fathom_sync"),
        state=state,
        proof=found.proof if found else Proof(0, 0, 0, 0, None),
        vendor="Fathom",
        last=max((account.last_synced_at for account in linked.serving if account.last_synced_at), default=None),
        waiting=waits,
        waiting_href=address,
    )


def _instances() -> list[Source]:
    """Return a row for each host of Email Bison: its workspaces together."""
    present = Q(workspaces__gone_at=None, workspaces__isnull=False)
    counted = {state: Count("workspaces", filter=present & Q(workspaces__api_health_status=state)) for state in Health}
    rows = Instance.objects.annotate(
        total=Count("workspaces", filter=present),
        nobodys=Count("workspaces", filter=present & Q(workspaces__organization=None)),
        last=Max("workspaces__api_last_successful_call_at"),
        checked=Min("workspaces__ledger_check__checked_at", filter=present),
        failing=Min("workspaces__ledger_check__failing_since", filter=present),
        **{f"is_{state.value}": counting for state, counting in counted.items()},
    )
    since = timezone.now().astimezone(UTC).date() - PROVED
    days = LedgerDay.objects.filter(day__gt=since, workspace__gone_at=None).values("workspace__instance_id").order_by()
    sums = days.annotate(
        at_vendor=Sum("interested_at_vendor"), in_koppel=Sum("interested_in_koppel"), absent=Sum("missing")
    )
    by_instance = {row["workspace__instance_id"]: row for row in sums}
    return [_instance(row, by_instance.get(row.pk)) for row in rows.order_by("name", "pk")]


def _instance(row: Any, sums: Mapping[str, Any] | None) -> Source:
    proof = Proof(0, 0, 0, 0, None)
    if sums is not None:
        left_out = sums["at_vendor"] - sums["in_koppel"] - sums["absent"]
        proof = Proof(sums["at_vendor"], sums["in_koppel"], left_out, sums["absent"], row.checked, row.failing)
    waits = ""
    if row.nobodys:
        waits = ngettext("%(count)d without organization", "%(count)d without organization", row.nobodys) % {
            "count": row.nobodys
        }
    return Source(
        name=row.name,
        about=ngettext("%(count)d workspace", "%(count)d workspaces", row.total) % {"count": row.total},
        href=reverse("dashboard:instance", args=[row.slug]),
        state=_worst(row),
        proof=proof,
        vendor="Email Bison",
        last=row.last,
        waiting=waits,
        waiting_href=f"{reverse('dashboard:workspaces')}?instance={row.slug}",
    )


def _worst(row: Any) -> str:
    """Return how a group of workspaces is: as its worst one, and as the host where that is worse."""
    for state in (Health.FAILING, Health.DEGRADED, Health.HEALTHY):
        if row.health_status == state or getattr(row, f"is_{state.value}"):
            return str(state.value)
    return str(Health.UNKNOWN.value)


def _integrations(user: User, scope: UUID | None) -> list[Source]:
    """Return a row for each connected service: all connections to it together."""
    rows = integrations.integrations_for(user, scope).filter(is_active=True).order_by("provider", "pk")
    connections = list(rows.values_list("pk", "provider", "account__state", "account__last_good_at"))
    if not connections:
        return []
    days = SourceDay.objects.filter(source=CONTACTS.key, subject_id__in=[row[0] for row in connections])
    sums = (
        days.order_by()
        .values("subject_id")
        .annotate(at=Sum("at_vendor"), koppel=Sum("in_koppel"), absent=Sum("missing"), checked=Min("checked_at"))
    )
    proved = {row["subject_id"]: row for row in sums}
    by_provider: dict[str, list[Any]] = {}
    for row in connections:
        by_provider.setdefault(row[1], []).append(row)
    return [_service(key, found, proved) for key, found in by_provider.items()]


def _service(key: str, connections: Sequence[Any], proved: Mapping[UUID, Any]) -> Source:
    provider = registry.find(key)
    name: Words = key
    if provider is not None:
        name = provider.vendor.name
    states = {state for _pk, _key, state, _last in connections}
    state = "not_configured"
    for worst in (Connection.ERROR, Connection.CONNECTED):
        if worst in states:
            state = worst.value
            break
    return Source(
        name=name,
        about=ngettext("%(count)d connection", "%(count)d connections", len(connections)) % {"count": len(connections)},
        href=reverse("dashboard:integrations"),
        state=state,
        proof=_sum(proved[row[0]] for row in connections if row[0] in proved),
        vendor=name,
        last=max((row[3] for row in connections if row[3]), default=None),
    )


def _sum(found: Iterable[Mapping[str, Any]]) -> Proof | None:
    rows = list(found)
    if not rows:
        return None
    at_vendor, present = sum(row["at"] for row in rows), sum(row["koppel"] for row in rows)
    absent = sum(row["absent"] for row in rows)
    return Proof(at_vendor, present, at_vendor - present - absent, absent, min(row["checked"] for row in rows))


def left_out_count(user: User, shell: Shell) -> int:
    """Count the recorded calls that become calls here once somebody says whose they are."""
    reasons = set(waiting.ASSIGNABLE)
    if not access.is_internal(user):
        # Between two organizations the house alone decides.
        reasons -= {"ambiguous"}
    rows = sight.meetings_for(user).filter(reason__in=reasons).exclude(outcome=waiting.Outcome.IMPORTED)
    if shell.scope is not None:
        rows = rows.filter(organization_id=shell.scope)
    return rows.values("recording_id").distinct().count()


@dataclass(frozen=True)
class Summary:
    """All sources in one line: whether all that was checked is in Koppel, and as of when."""

    sources: list[Source]
    proof: Proof

    @property
    def unwell(self) -> list[Source]:
        return [source for source in self.sources if not source.is_well]

    @property
    def look(self) -> Look:
        if self.unwell:
            return look("proof.gap")
        return self.proof.look

    @property
    def checked_at(self) -> datetime | None:
        return self.proof.checked_at


def summary(sources: list[Source]) -> Summary | None:
    """Put the sources together; None where nothing is connected."""
    if not sources:
        return None
    checked = [source.proof for source in sources if source.proof is not None and source.proof.is_checked]
    whole = Proof(
        at_vendor=sum(proof.at_vendor for proof in checked),
        present=sum(proof.present for proof in checked),
        left_out=sum(proof.left_out for proof in checked),
        missing=sum(proof.missing for proof in checked),
        checked_at=min((proof.checked_at for proof in checked if proof.checked_at), default=None),
    )
    return Summary(sources, whole)


def table(rows: list[Source]) -> Table[Source]:
    """Declare the table of sources."""
    columns: list[Column[Source]] = [
        Column("source", _("Source"), _name, names_row=True),
        Column("state", _("State"), lambda row: signs.status(row.state, quiet=True), css="nowrap"),
        Column("proof", _("Proof"), _proof),
        Column("last", _("Last success"), lambda row: signs.ago(row.last), css="nowrap"),
        Column("waiting", _("Waiting"), _waiting),
    ]
    empty = Empty(
        _("No sources yet"),
        _("Fathom, Email Bison and connected services stand here, each with what it holds and what is missing."),
        "link",
    )
    return Table(_("Sources"), columns, rows, empty)


def _name(row: Source) -> SafeString:
    name = link(row.href, row.name)
    return markup('<div class="cell-line">{}<span class="cell-about">{}</span></div>', name, row.about)


def _proof(row: Source) -> Any:
    if row.proof is None:
        return ""
    label = proofs.in_words(row.proof, str(row.vendor))
    drawn = proofs.drawing(row.proof, row.proof.parts(), label=label)
    return markup('<div class="home-proof">{}{}</div>', signs.mark(row.proof.look), drawn)


def _waiting(row: Source) -> Any:
    if not row.waiting:
        return ""
    return markup('<a href="{}">{}</a>', row.waiting_href, row.waiting)

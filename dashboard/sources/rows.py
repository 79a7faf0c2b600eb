"""One source in a row: what it has, what of it is in Koppel, how it is,
and where that is looked at closer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.functions import Greatest, Least
from django.urls import reverse
from django.utils.translation import ngettext

from bison.models import Instance, Workspace
from core import ledger
from core.connections import Connection
from core.models import Run, SourceDay, User
from core.words.states import Look, look
from crm import access
from dashboard.proofs import Proof
from dashboard.queries import within
from dashboard.sources import evidence
from fathom_sync import access as fathom_access
from fathom_sync import accounts
from fathom_sync.ledger import reconciling
from fathom_sync.models import FathomAccount, FathomMeeting
from fathom_sync.syncs import sync
from integrations import access as integrations
from integrations import registry
from integrations.contacts import proof as contacts
from integrations.contacts.syncing import KIND as CONTACT_SYNC
from integrations.models import Integration

FATHOM, BISON, INTEGRATION = "fathom", "bison", "integration"
FATHOM_RUNS: Final = (sync.KIND.key, reconciling.KIND.key)
# More integrations than anybody reads through: those who have so many look for one by its name.
MOST_INTEGRATIONS: Final = 200
UNCHECKED: Final = Proof(0, 0, 0, 0, None)
ERROR, OFF = "error", "not_configured"
VENDORS: Final = {FATHOM: "Fathom", BISON: "Email Bison"}


@dataclass(frozen=True)
class SourceRow:
    """One source. `slug` is the end of its page's address. `state`: as its proof says,
    or why there can be none.
    """

    slug: str
    name: str
    kind: str
    icon: str
    proof: Proof
    hint: str = ""
    connection: str = ""
    last_success_at: datetime | None = None
    waiting: int = 0
    waiting_url: str = ""
    run: Run | None = None
    vendor: Any = field(default="")

    @property
    def url(self) -> str:
        return reverse("dashboard:source", args=[self.slug])

    @property
    def state(self) -> str:
        return self.connection or self.proof.state

    @property
    def is_proven(self) -> bool:
        return self.state == "whole"

    @property
    def look(self) -> Look:
        """Never green for what is not proven."""
        if self.connection:
            return look(self.connection)
        return self.proof.look

    @property
    def waiting_words(self) -> str:
        """Say what waits, in the words of its kind."""
        if self.kind == BISON:
            words = ngettext("%(count)d workspace", "%(count)d workspaces", self.waiting)
        elif self.kind == FATHOM:
            words = ngettext("%(count)d call", "%(count)d calls", self.waiting)
        else:
            words = ngettext("%(count)d contact", "%(count)d contacts", self.waiting)
        return words % {"count": self.waiting}


def fathom(user: User, scope: UUID | None, runs: Iterable[Run] = ()) -> list[SourceRow]:
    """Return the row of Fathom; none where nothing is linked and nothing was ever fetched."""
    serving = accounts.serving(scope)
    found = evidence.evidence(user, scope, serving)
    if found is None and not serving:
        return []
    last = [
        account.last_synced_at for account in serving if account.rep_id is None or len(serving) == 1
    ]
    return [
        SourceRow(
            FATHOM,
            "Fathom",
            FATHOM,
            "file-text",
            found.proof if found else UNCHECKED,
            _accounts_in_words(serving),
            _connection(serving),
            min(filter(None, last), default=None),
            count_waiting(user, scope),
            reverse("dashboard:source_fathom_queue"),
            next((run for run in runs if run.kind in FATHOM_RUNS), None),
            VENDORS[FATHOM],
        )
    ]


def bison(runs: Iterable[Run] = ()) -> list[SourceRow]:
    """Return a row for each instance, its workspaces together."""
    in_use = Q(workspaces__gone_at=None, workspaces__isnull=False)
    counted = in_use & Q(workspaces__accounts_at_vendor__isnull=False)
    complete = in_use & Q(workspaces__accounts_state=Workspace.AccountsState.COMPLETE)
    listed, present = F("workspaces__accounts_at_vendor"), F("workspaces__accounts_in_koppel")
    found = Instance.objects.select_related("account").annotate(
        total=Count("workspaces", filter=in_use),
        complete=Count("workspaces", filter=complete),
        at_vendor=Sum(listed, filter=counted),
        present=Sum(Least(listed, present), filter=counted),
        missing=Sum(Greatest(listed - present, 0), filter=counted),
        oldest=Min("workspaces__accounts_checked_at", filter=counted),
        newest=Max("workspaces__accounts_checked_at", filter=in_use),
    )
    return [_instance(instance, list(runs)) for instance in found.order_by("name", "pk")]


def contact_syncs(
    user: User, scope: UUID | None, runs: Iterable[Run] = ()
) -> tuple[list[SourceRow], bool]:
    """Return a row for each integration whose contacts are synced, and whether there are
    more than are shown.
    """
    kinds = [provider.key for provider in registry.providers() if provider.contacts is not None]
    found = integrations.integrations_for(user, scope).filter(provider__in=kinds, is_active=True)
    shown = list(
        found.select_related("account", "organization").order_by("name", "pk")[
            : MOST_INTEGRATIONS + 1
        ]
    )
    has_more = len(shown) > MOST_INTEGRATIONS
    shown = shown[:MOST_INTEGRATIONS]
    if not shown:
        return [], False
    ids = [integration.pk for integration in shown]
    days: dict[UUID, list[SourceDay]] = {}
    for day in SourceDay.objects.filter(source=contacts.SOURCE.key, subject_id__in=ids):
        days.setdefault(day.subject_id, []).append(day)
    ended = Run.objects.filter(
        kind=CONTACT_SYNC.key, subject_id__in=ids, state=Run.State.SUCCEEDED
    ).order_by()
    last = dict(ended.values_list("subject_id").annotate(last=Max("finished_at")))
    open_runs = {run.subject_id: run for run in runs if run.kind == CONTACT_SYNC.key}
    with_organization = scope is None
    return [
        _integration(
            each,
            days.get(each.pk, []),
            last.get(each.pk),
            open_runs.get(each.pk),
            with_organization,
        )
        for each in shown
    ], has_more


def of_integration(integration: Integration, run: Run | None = None) -> SourceRow:
    """Return the row of one integration."""
    days = list(SourceDay.objects.filter(source=contacts.SOURCE.key, subject_id=integration.pk))
    ended = Run.objects.filter(
        kind=CONTACT_SYNC.key, subject_id=integration.pk, state=Run.State.SUCCEEDED
    )
    last = ended.aggregate(last=Max("finished_at"))["last"]
    return _integration(integration, days, last, run, with_organization=False)


def open_runs(user: User, scope: UUID | None) -> list[Run]:
    """Return the syncs that run now, those that work before those that wait."""
    wanted = Q(kind__in=[*FATHOM_RUNS, CONTACT_SYNC.key]) | Q(kind__startswith="bison.")
    found = within(access.runs_for(user), scope).filter(wanted, state__in=Run.OPEN)
    return list(found.order_by("-state", "created_at")[:100])


def count_waiting(user: User, scope: UUID | None) -> int:
    """Count the recordings that wait in the queue, each once."""
    waiting = within(fathom_access.meetings_for(user), scope).exclude(
        outcome=FathomMeeting.Outcome.IMPORTED
    )
    if scope is not None:
        return waiting.count()
    return int(waiting.aggregate(count=Count("recording_id", distinct=True))["count"])


def _accounts_in_words(serving: list[FathomAccount]) -> str:
    if len(serving) <= 1:
        return ""
    return ngettext("%(count)d account", "%(count)d accounts", len(serving)) % {
        "count": len(serving)
    }


def _connection(serving: list[FathomAccount]) -> str:
    """Return what keeps any check from being made; '' where nothing does."""
    if not serving:
        return OFF
    shared = [account for account in serving if account.rep_id is None] or serving
    states = accounts.states(shared)
    if any(states[account.pk].state is Connection.ERROR for account in shared):
        return ERROR
    return ""


def _instance(instance: Any, runs: list[Run]) -> SourceRow:
    is_whole = instance.total > 0 and instance.complete == instance.total
    proof = Proof(
        instance.at_vendor or 0,
        instance.present or 0,
        0,
        instance.missing or 0,
        instance.oldest,
        is_whole=is_whole,
    )
    slug = f"bison/{instance.slug}"
    words = ngettext("%(count)d workspace", "%(count)d workspaces", instance.total) % {
        "count": instance.total
    }
    is_down = instance.account is not None and instance.account.state == Connection.ERROR.value
    return SourceRow(
        slug,
        instance.name,
        BISON,
        "inbox",
        proof,
        words,
        ERROR if is_down else "",
        instance.newest,
        instance.total - instance.complete,
        f"{reverse('dashboard:source', args=[slug])}?state=open",
        next(
            (
                run
                for run in runs
                if run.kind.startswith("bison.") and run.subject_id in (None, instance.pk)
            ),
            None,
        ),
        VENDORS[BISON],
    )


def _integration(
    integration: Integration,
    days: list[SourceDay],
    last_success_at: datetime | None,
    run: Run | None,
    with_organization: bool,
) -> SourceRow:
    provider = registry.find(integration.provider)
    service = provider.name if provider else integration.provider.capitalize()
    sums = ledger.sums(days)
    is_down = (
        integration.account is not None and integration.account.state == Connection.ERROR.value
    )
    failing_since = None
    if is_down and integration.account is not None:
        failing_since = integration.account.state_since
    proof = Proof(
        sums.at_vendor,
        sums.in_koppel,
        sums.left_out_total,
        sums.missing,
        sums.checked_at,
        failing_since,
    )
    hint = service
    if with_organization and integration.organization is not None:
        hint = f"{service} · {integration.organization}"
    return SourceRow(
        f"integrations/{integration.pk}",
        integration.name,
        INTEGRATION,
        provider.icon if provider else "link",
        proof,
        hint,
        ERROR if is_down else "",
        last_success_at,
        sums.left_out_total,
        reverse("dashboard:integration_contacts", args=[integration.pk]),
        run,
        service,
    )

"""Fathom accounts as subjects of maintenance and uptime:
those that bring calls to what a person runs.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from core.incidents.subjects import Kind, Subject
from core.models import Run
from crm import access
from fathom_sync import accounts
from fathom_sync.models import FathomAccount

RUNS = ("fathom.sync", "fathom.reconcile")
# Of a run in one of these states Fathom answered.
LOOKED = (Run.State.SUCCEEDED, Run.State.INCOMPLETE)


def found(user: Any) -> list[Subject]:
    """Return the installation's and organizations' accounts, reps' own left out;
    members see what serves them.
    """
    shared = [account for account in accounts.configured() if account.rep_id is None]
    if access.sees_everything(user):
        return [_subject(account) for account in shared]
    members = access.memberships_of(user)
    run = {
        member.organization_id for member in members if member.role in access.RUNS_THE_ORGANIZATION
    }
    if not run:
        return []
    return [
        _subject(account)
        for account in shared
        if account.organization_id is None or account.organization_id in run
    ]


def _subject(account: FathomAccount) -> Subject:
    cause = f"fathom_account:{account.pk}"
    name = "Fathom"
    if account.organization is not None:
        name = f"Fathom · {account.organization.name}"
    return Subject(
        "fathom",
        str(account.pk),
        name,
        (cause,),
        organization_id=account.organization_id,
        down=(cause,),
    )


def checked(subjects: Sequence[Subject], since: datetime) -> dict[str, set[date]]:
    """Return the days on which a sync or a check of an account ended with Fathom's answers."""
    runs = Run.objects.filter(
        subject_id__in=[UUID(subject.key) for subject in subjects],
        kind__in=RUNS,
        state__in=LOOKED,
        created_at__gte=since,
    )
    days: dict[str, set[date]] = defaultdict(set)
    for key, day in (
        runs.annotate(day=TruncDate("created_at"))
        .values_list("subject_id", "day")
        .distinct()
        .order_by()
    ):
        days[str(key)].add(day)
    return days


ACCOUNTS = Kind("fathom", _("Fathom account"), found, checked)

"""Instances and workspaces as subjects of maintenance and uptime: staff's, by permission."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from bison import access
from bison.health.incidents import OF_INSTANCE, OF_WORKSPACE
from bison.models import Instance, Workspace
from core.incidents.subjects import Kind, Subject
from core.models import ApiCallHour

# What is wrong with all of an instance, before its slug.
OF_ALL = (
    OF_INSTANCE,
    "bison_webhooks:",
    "bison_replies:",
    "bison_counts:",
    "bison_runways:",
    "bison_key_expiries:",
    "bison_suppressions_undone:",
    "bison_suppressions_unkept:",
)
# What is wrong with one workspace, before its id.
OF_ONE = (OF_WORKSPACE, "bison_key_expiry:", "bison_runway:")


def instances(user: Any) -> list[Subject]:
    """Return the instances; maintenance of one is maintenance of its workspaces too."""
    if not access.may(user, access.SEE_INSTANCES):
        return []
    workspaces = _causes_of_workspaces()
    return [
        Subject(
            "bison_instance",
            instance.slug,
            instance.name,
            (
                *(f"{prefix}{instance.slug}" for prefix in OF_ALL),
                f"bison_rotation:{instance.pk}",
                f"bison_account:{instance.account_id}",
                *workspaces[instance.slug],
            ),
            down=(f"{OF_INSTANCE}{instance.slug}",),
        )
        for instance in Instance.objects.order_by("name", "id")
    ]


def causes_now(slugs: Collection[str]) -> dict[str, list[str]]:
    """Return by slug what is wrong with the workspaces that an instance has by now."""
    return _causes_of_workspaces(slugs)


def _causes_of_workspaces(slugs: Collection[str] | None = None) -> dict[str, list[str]]:
    rows = Workspace.objects.filter(gone_at=None)
    if slugs is not None:
        rows = rows.filter(instance__slug__in=slugs)
    found: dict[str, list[str]] = defaultdict(list)
    for key, slug in rows.values_list("pk", "instance__slug"):
        found[slug] += [f"{prefix}{key}" for prefix in OF_ONE]
    return found


def workspaces(user: Any) -> list[Subject]:
    """Return the workspaces; each is down with its instance."""
    if not access.may(user, access.SEE):
        return []
    rows = Workspace.objects.filter(gone_at=None).order_by("workspace_name")
    return [
        Subject(
            "bison_workspace",
            str(key),
            name,
            tuple(f"{prefix}{key}" for prefix in OF_ONE),
            down=(f"{OF_WORKSPACE}{key}", f"{OF_INSTANCE}{slug}"),
        )
        for key, name, slug in rows.values_list("pk", "workspace_name", "instance__slug")
    ]


def checked_instances(subjects: Sequence[Subject], since: datetime) -> dict[str, set[date]]:
    """Return the days on which an instance was called."""
    return _days("instance", {subject.key: subject.key for subject in subjects}, since)


def checked_workspaces(subjects: Sequence[Subject], since: datetime) -> dict[str, set[date]]:
    """Return the days on which calls were made for a workspace."""
    return _days("workspace_name", {subject.name: subject.key for subject in subjects}, since)


def _days(column: str, keys: dict[str, str], since: datetime) -> dict[str, set[date]]:
    of_these = {f"{column}__in": list(keys)}
    hours = ApiCallHour.objects.filter(scope="workspace", hour__gte=since, calls__gt=0, **of_these)
    days = hours.annotate(day=TruncDate("hour")).values_list(column, "day").distinct().order_by()
    found: dict[str, set[date]] = defaultdict(set)
    for name, day in days:
        found[keys[name]].add(day)
    return found


INSTANCES = Kind(
    "bison_instance", _("Email Bison instance"), instances, checked_instances, causes_now
)
WORKSPACES = Kind("bison_workspace", _("Workspace"), workspaces, checked_workspaces)

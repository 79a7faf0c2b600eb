"""Which workspaces a page shows: cut by filters, in the order of their names, a page at a time."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.models import Instance, Workspace
from bison.models.instances import Health
from core.words.states import word
from dashboard.calls.forms import ALL, MAX_SEARCH, Words
from dashboard.paging import Page, by_name

WORKSPACES_A_PAGE: Final = 30
OWN, SHARED, MISSING, WAITING = "own", "shared", "missing", "waiting"
KEYS: Final = {
    OWN: word("key.own"),
    SHARED: word("key.shared"),
    MISSING: word("key.missing"),
    WAITING: _("New key waits"),
}
CARDS, TABLE = "cards", "table"


class WorkspaceFilter(forms.Form):
    """What the list is cut to. A value that was not offered filters nothing."""

    search = Words(label=_("Search"), required=False, widget=forms.TextInput({"type": "search"}))
    instance = forms.ChoiceField(label=_("Instance"), required=False)
    key = forms.ChoiceField(label=_("Key"), required=False, choices=[ALL, *KEYS.items()])
    key_status = forms.ChoiceField(
        label=_("Key status"), required=False, choices=[ALL, *Workspace.KeyStatus.choices]
    )
    health = forms.ChoiceField(label=_("Health"), required=False, choices=[ALL, *Health.choices])
    webhook = forms.ChoiceField(
        label=_("Webhook"), required=False, choices=[ALL, *Workspace.WebhookStatus.choices]
    )
    # Those that stand first; the others wait behind "More filters".
    first: ClassVar = ("search", "instance", "key", "health")

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        instances = Instance.objects.values_list("slug", "name")
        self.fields["instance"].choices = [ALL, *instances]  # type: ignore[attr-defined]
        self.is_valid()

    def chosen(self) -> dict[str, str]:
        """Return what was chosen and can be used."""
        return {name: value for name, value in self.cleaned_data.items() if value}


@dataclass(frozen=True)
class Chosen:
    """The workspaces that an address asks for."""

    form: WorkspaceFilter
    found: QuerySet[Workspace]
    is_cut: bool


def chosen(query: QueryDict) -> Chosen:
    """Return what an address asks for; of those that are gone only what is looked for by name."""
    form = WorkspaceFilter(query)
    wanted = form.chosen()
    found = Workspace.objects.all()
    if "search" in wanted:
        found = found.filter(workspace_name__icontains=wanted["search"][:MAX_SEARCH])
    else:
        found = found.filter(gone_at=None)
    for name, value in wanted.items():
        if name in CONDITIONS:
            found = found.filter(CONDITIONS[name](value))
    return Chosen(form, found, bool(wanted))


def page(found: QuerySet[Workspace], query: QueryDict) -> Page[Workspace]:
    """Return a page of them, with what cards and lines show."""
    rows = found.select_related("instance", "instance__account", "organization")
    place = {"before": query.get("before", ""), "after": query.get("after", "")}
    return by_name("workspace_name", rows, size=WORKSPACES_A_PAGE, **place)


def view_of(query: QueryDict) -> str:
    """Return whether cards are looked at or the table."""
    if query.get("view") == TABLE:
        return TABLE
    return CARDS


def has_own() -> Q:
    """Find those that are called with a key of their own."""
    expired = Q(bison_api_key_expires_at__lte=timezone.now())
    return (
        Q(bison_api_key_status=Workspace.KeyStatus.ACTIVE, bison_api_key__isnull=False) & ~expired
    )


def _by_key(name: str) -> Q:
    if name == WAITING:
        return Q(next_api_key__isnull=False)
    if name == OWN:
        return has_own()
    return ~has_own() & Q(requires_workspace_key=name == MISSING)


CONDITIONS: Final[dict[str, Any]] = {
    "instance": lambda slug: Q(instance__slug=slug),
    "key": _by_key,
    "key_status": lambda status: Q(bison_api_key_status=status),
    "health": lambda status: Q(api_health_status=status),
    "webhook": lambda status: Q(bison_webhook_status=status),
}


def named(workspace_id: UUID) -> Workspace | None:
    """Return the workspace of this id, or None."""
    return (
        Workspace.objects.select_related("instance", "instance__account", "organization")
        .filter(pk=workspace_id)
        .first()
    )

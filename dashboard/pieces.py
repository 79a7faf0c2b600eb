"""Made-up tables, filters, figures and signs for /styleguide, in every state that they have."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from dashboard import deltas, periods, signs
from dashboard.forms import Combobox, SearchableSelect
from dashboard.paging import Page
from dashboard.signs import Square
from dashboard.tables import Column, Empty, Failure, Selection, Table, link, ordering_of
from dashboard.templatetags import charts, ui

PEOPLE = (
    "Ada Lovelace",
    "Grace Hopper",
    "Alan Turing",
    "Barbara Liskov",
    "Edsger Dijkstra",
    "Radia Perlman",
)
LONG = (
    "A workspace whose name goes on for longer than anybody would want to read it in one "
    "row of a table"
)


@dataclass(frozen=True)
class Workspace:
    name: str
    health: str
    accounts: int
    week: list[int | None] = field(default_factory=list)
    owner: str = ""


WORKSPACES = [
    Workspace("Northwind Sales", "healthy", 1132, [3, 5, 4, 8, 9, 7, 12], PEOPLE[0]),
    Workspace("Contoso Growth", "degraded", 403, [9, 8, 8, 5, 4, 4, 2], PEOPLE[1]),
    Workspace("Fabrikam", "failing", 0, [4, 4, None, None, 1, 0, 0]),
]


class SampleFilter(forms.Form):
    search = forms.CharField(
        label="Search", required=False, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(
        label="State", required=False, choices=[("", "All"), ("failed", "Failed")]
    )


class ManyFilter(forms.Form):
    """A choice among hundreds beside one among few."""

    who = forms.CharField(label="Rep", required=False)
    tier = forms.ChoiceField(label="Tier", required=False, choices=[("", "All"), ("team", "Team")])
    city = forms.ChoiceField(
        label="City",
        required=False,
        widget=SearchableSelect,
        choices=[("", "All"), *((f"{number}", f"City {number}") for number in range(1, 61))],
    )

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.GET)
        chosen = request.GET.get("who", "")
        self.fields["who"].widget = Combobox(
            reverse("dashboard:styleguide_people"), (chosen, chosen)
        )
        self.is_valid()


def everything(request: HttpRequest) -> dict[str, Any]:
    """Return what the styleguide shows of tables, filters, figures and signs."""
    filters = SampleFilter(request.GET)
    filters.is_valid()
    return {
        "filters": filters,
        "many": ManyFilter(request),
        "period": periods.asked(request.GET, "30"),
        "people": PEOPLE,
        "tables": _tables(request),
        "squares": [_square(hour) for hour in range(24)],
        "no_squares": [Square(f"{hour}:00, nothing ran") for hour in range(24)],
        "deltas": {
            "good": deltas.change(412, 368, than="the 30 days before"),
            "bad": deltas.change(31, 25, than="the 30 days before", better="less"),
            "same": deltas.change(32, 32, than="the 30 days before"),
        },
    }


def people(words: str) -> dict[str, Any]:
    """Return options for the styleguide's choice among many."""
    names = [f"{name} {number}" for number in range(1, 81) for name in PEOPLE]
    found = [name for name in names if words.casefold() in name.casefold()]
    options = [{"value": name, "label": name, "hint": "Northwind Sales"} for name in found[:20]]
    return {"options": options, "more": len(found) > len(options)}


def _square(hour: int) -> Square:
    if hour == 7:
        return Square(f"{hour}:00, 1 of 2 failed", "bad", "#s-strips")
    if hour < 3:
        return Square(f"{hour}:00, nothing ran")
    return Square(f"{hour}:00, 2 complete", "warn" if hour == 12 else "good", "#s-strips")


def _tables(request: HttpRequest) -> dict[str, Table[Workspace]]:
    ordering = ordering_of(request.GET.get("ordering", ""), ("name", "accounts"), "name")
    key = {"name": lambda row: row.name, "accounts": lambda row: row.accounts}[
        ordering.removeprefix("-")
    ]
    rows = sorted(WORKSPACES, key=key, reverse=ordering.startswith("-"))
    empty = Empty(
        "No keys yet",
        "A key lets Koppel read a workspace.",
        "key-round",
        "Add a key",
        "#s-table",
        "plus",
    )
    long = [
        Workspace(LONG, "healthy", 1_248_312, [1, 2, 3], "Somebody With-A-Very-Long Name Indeed"),
        *WORKSPACES[:1],
    ]
    few = _columns()[:3]
    failure = Failure(
        "The workspaces cannot be read",
        "The vendor did not answer three times in two minutes.",
        "What was read before is kept.",
        "It is tried again in 5 minutes.",
        "Try now",
        "#s-table-failed",
    )
    return {
        "full": Table(
            "Workspaces",
            _columns(),
            rows,
            empty,
            count="About 1,200 workspaces",
            page=Page([], "a", "b"),
            pages="Pages of workspaces",
            ordering=ordering,
            selection=Selection(
                "name", lambda row: row.name, lambda row: f"Select {row.name}", "bulk"
            ),
            csv="#s-table",
            has_density=True,
        ),
        "long": Table("Workspaces with long names", few, long, empty),
        "empty": Table("Keys", few, [], empty),
        "loading": Table("Workspaces on their way", few, [], empty, is_loading=True),
        "failed": Table("Workspaces that cannot be read", few, [], empty, failure=failure),
    }


def _columns() -> list[Column[Workspace]]:
    return [
        Column(
            "name", "Workspace", lambda row: link("#s-table", row.name), sort=True, names_row=True
        ),
        Column("health", "Health", lambda row: signs.status(row.health)),
        Column("accounts", "Accounts", lambda row: row.accounts or "", sort=True, numeric=True),
        Column("owner", "Owner", lambda row: signs.person(row.owner)),
        Column(
            "week",
            "Seven days",
            lambda row: charts.sparkline(row.week, "Calls in seven days"),
            hide_on_phone=True,
        ),
        Column(
            "checked", "Checked", lambda row: signs.ago(datetime.now(tz=UTC) - timedelta(minutes=9))
        ),
        Column("menu", "", _menu, css="shrink"),
    ]


def _menu(row: Workspace) -> Any:
    items = [
        ui.menu_item("Test", href="#s-table", icon="activity"),
        ui.menu_item("Edit key", href="#s-table", icon="key-round"),
        ui.menu_item("Revoke", href="#s-table", icon="trash-2", danger=True),
    ]
    return ui.menu(SafeString("".join(items)), f"row-menu-{row.health}", "Actions")

"""The page of maintenance windows: those that run or are planned first,
and the form of a new one.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.incidents import attending, subjects
from core.models import MaintenanceWindow, User
from core.words import times
from core.words.states import look
from crm.services import incidents as service
from dashboard import queries, signs
from dashboard.incidents.forms import WindowForm
from dashboard.navigation import Shell
from dashboard.paging import newest_by
from dashboard.tables import Column, Empty, Table, link
from dashboard.tables import addresses as addresses_of

DRAWER: Final = "maintenance"
SIZE: Final = 25
NONE: Final = Empty(
    gettext_lazy("No maintenance planned"),
    gettext_lazy(
        "While a vendor moves its servers nobody needs an alert: plan a window, and "
        "it stays silent."
    ),
    "wrench",
)
STATES: Final = {"running": "maintenance.running", "planned": "planned", "over": "over"}


def page(request: HttpRequest, user: User, shell: Shell) -> dict[str, Any]:
    """Return one page of the windows that this person may see."""
    found = service.windows_for(user)
    if shell.scope:
        found = found.filter(organization_id=shell.scope)
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    shown = newest_by("starts_at", found, before=before, after=after, size=SIZE)
    names: dict[UUID | None, str] = {}
    if shell.is_staff:
        found_names = queries.organization_names({row.organization_id for row in shown.items})
        names.update(found_names.items())
    table = Table(
        _("Maintenance windows"),
        _columns(names, shell),
        shown.items,
        NONE,
        page=shown,
        pages=_("Pages of windows"),
    )
    return {"table": table, "may_plan": service.plans(user)}


def _columns(names: Mapping[UUID | None, str], shell: Shell) -> list[Column[MaintenanceWindow]]:
    address = addresses_of("dashboard:maintenance_window")
    whose: list[Column[MaintenanceWindow]] = []
    if shell.is_staff:
        whose = [
            Column(
                "organization",
                _("Organization"),
                lambda row: names.get(row.organization_id),
                css="clip",
            )
        ]
    return [
        Column(
            "about",
            _("About"),
            lambda row: link(address(row.pk), named(row), drawer=DRAWER),
            names_row=True,
        ),
        Column("state", _("State"), lambda row: signs.status(look(STATES[row.state]))),
        *whose,
        Column("from", _("From"), lambda row: times.at_the_clock(row.starts_at), css="nowrap"),
        Column("until", _("Until"), lambda row: times.at_the_clock(row.ends_at), css="nowrap"),
        Column("reason", _("Reason"), lambda row: row.reason, css="clip"),
        Column("by", _("By"), _by, hide_on_phone=True),
    ]


def named(window: MaintenanceWindow) -> str:
    """Return what a window is about, in words."""
    word_of = subjects.word_of(window.subject_kind)
    if not window.subject_key:
        return word_of
    return f"{window.subject_name} · {word_of}"


def _by(window: MaintenanceWindow) -> SafeString:
    if window.made_by is None:
        return SafeString("")
    return signs.person(attending.name_of(window.made_by))


def new_form(user: User, data: QueryDict | None = None, about: str = "") -> WindowForm:
    """Return the form of a new window: from now on for two hours, unless said otherwise."""
    now = timezone.localtime().replace(second=0, microsecond=0)
    initial = {"subject": about, "starts": now, "ends": now + timedelta(hours=2)}
    return WindowForm(data, choices=service.plannable(user), initial=initial)


def details(
    window: MaintenanceWindow, user: User, form: WindowForm | None = None
) -> dict[str, Any]:
    """Return one window, with the form that moves it for whoever may."""
    may = service.may_change_window(user, window) and window.state != "over"
    facts = [
        (_("From"), _exactly(window.starts_at)),
        (_("Until"), _exactly(window.ends_at)),
        (_("Reason"), window.reason),
        (_("By"), _by(window) or "–"),
    ]
    return {
        "window": window,
        "title": named(window),
        "state": look(STATES[window.state]),
        "facts": facts,
        "may_change": may,
        "form": form or WindowForm.of(window),
        "end_word": _("End now") if window.state == "running" else _("Take back"),
        "list_url": reverse("dashboard:maintenance"),
    }


def _exactly(moment: Any) -> str:
    local = timezone.localtime(moment)
    return f"{date_format(local, 'DATE_FORMAT')}, {date_format(local, 'H:i')}"

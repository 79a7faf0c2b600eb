"""Work: meetings and calls."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from calls import search
from calls.access import calls_for
from core.quick import quickly
from crm import access
from dashboard.search.asking import SHOWN, Asked, Group, Hit, group


def meetings(asked: Asked) -> Group:
    """Return the meetings whose title or lead has the words, the latest first."""
    rows = access.appointments_for(asked.user, asked.scope).select_related("lead")
    found = rows.filter(asked.in_any("title", "lead__name", "lead__company")).order_by(
        "-starts_at", "pk"
    )
    hits = [
        Hit(
            row.title or row.lead.name,
            f"{_moment(row.starts_at)} · {row.lead.name}",
            reverse("dashboard:meeting", args=[row.pk]),
            "calendar-days",
        )
        for row in quickly(found[: SHOWN + 1])
    ]
    return group("meeting", _("Meetings"), hits)


def calls(asked: Asked) -> Group:
    """Return the calls in which the words were said or written, the latest first."""
    rows = search.matching(calls_for(asked.user, asked.scope), asked.text).select_related("rep")
    hits = [
        Hit(
            row.title,
            _of_call(row.happened_at, row.rep),
            reverse("dashboard:call", args=[row.pk]),
            "phone",
        )
        for row in quickly(rows.order_by("-happened_at", "-pk")[: SHOWN + 1])
    ]
    return group("call", _("Calls"), hits, asked.list_of("dashboard:calls"))


def _of_call(at: datetime, rep: object) -> str:
    if rep is None:
        return _moment(at)
    return f"{_moment(at)} · {rep}"


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")

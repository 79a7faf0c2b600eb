"""A setter's home: what was booked, who came, whom to chase, and which meetings are not ready."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from calls import outcomes
from calls.models import Call, GuestInvitation
from core.models import User
from crm import access
from crm.models import Appointment, Lead
from dashboard.home import meetings, needs, weeks
from dashboard.home.figures import in_words as rate_in_words
from dashboard.home.figures import rate, rated, why_none
from dashboard.home.needs import Need
from dashboard.navigation import Shell
from dashboard.scheduling.states import CAME, CANCELLED

CHASED: Final = 8
# Meetings this far ahead should have a closer and a link by now.
READY_BY: Final = timedelta(days=7)
RATED: Final = timedelta(days=30)
# Those of whom something may still come.
OPEN: Final = (Lead.Status.NEW, Lead.Status.CONTACTED, Lead.Status.QUALIFIED)
SCHEDULED: Final = Q(status=Appointment.Status.SCHEDULED)


def page(user: User, shell: Shell) -> dict[str, Any]:
    """Return what the home of a setter shows."""
    now, today = timezone.now(), weeks.Day.today()
    seen = access.appointments_for(user, shell.scope)
    of_today = seen.filter(starts_at__gte=today.starts, starts_at__lt=today.ends).order_by(
        "starts_at", "pk"
    )
    counted = figures(seen, now, today)
    return {
        "today_rows": meetings.shown(user, meetings.with_all(of_today)[: meetings.SHOWN], now),
        "figures": counted,
        "booked_href": meetings.listed(period="today", days="booked", became="standing"),
        "came_href": meetings.listed(period="today", became="came"),
        "rate": rate_in_words(counted["rate"]),
        "rate_hint": why_none(counted["rate"]) or _("last 30 days"),
        "book": meetings.new(),
        "needs": needs.first(lambda: unready(seen, now, assigns=assigns(shell))),
        "chase": chase(access.leads_for(user, shell.scope), now),
        "weeks": weeks.by_week(seen, "created_at", weeks.mondays(weeks.SHORT))["total"],
    }


def figures(seen: QuerySet[Appointment], now: datetime, today: weeks.Day) -> dict[str, Any]:
    """Count today's bookings and who came, and which share of those of a month was held."""
    is_today = Q(starts_at__gte=today.starts, starts_at__lt=today.ends) & ~CANCELLED
    of_month = Q(starts_at__gte=now - RATED, starts_at__lte=now)
    found = (
        seen.order_by()
        .alias(**outcomes.judged())
        .aggregate(
            booked=Count(
                "pk", filter=Q(created_at__gte=today.starts, created_at__lt=today.ends) & ~CANCELLED
            ),
            due=Count("pk", filter=is_today & Q(starts_at__lte=now)),
            came=Count("pk", filter=is_today & CAME),
            **rated("month", of_month, now),
        )
    )
    return {**found, "rate": rate(found["completed_month"], found["missed_month"])}


def chase(leads: QuerySet[Lead], now: datetime) -> list[Lead]:
    """Return the leads with no meeting ahead, the one longest without a word first;
    each with its `last_contact`.
    """
    of_lead = Appointment.objects.filter(lead=OuterRef("pk"))
    talked = Call.objects.filter(lead=OuterRef("pk"), status=Call.Status.COMPLETED).order_by(
        "-happened_at"
    )
    met = (
        of_lead.filter(starts_at__lt=now)
        .exclude(status=Appointment.Status.CANCELLED)
        .order_by("-starts_at")
    )
    moment = DateTimeField()
    newest = Greatest(
        Coalesce(Subquery(talked.values("happened_at")[:1], output_field=moment), F("created_at")),
        Coalesce(Subquery(met.values("starts_at")[:1], output_field=moment), F("created_at")),
    )
    without = leads.filter(~Exists(of_lead.filter(SCHEDULED, ends_at__gt=now)), status__in=OPEN)
    found: list[Lead] = list(
        without.annotate(last_contact=newest).order_by("last_contact", "pk")[:CHASED]
    )
    return found


def assigns(shell: Shell) -> bool:
    """Tell whether this person gives a meeting another closer:
    a setter does so only when booking.
    """
    return "change" in access.ACTS[Appointment].get(shell.role, frozenset())


def unready(seen: QuerySet[Appointment], now: datetime, *, assigns: bool) -> list[Need]:
    """Return the meetings ahead that nobody closes, and those whose lead has no link,
    the nearest first.
    """
    links = GuestInvitation.objects.filter(appointment=OuterRef("pk"), revoked_at=None)
    ahead = seen.filter(SCHEDULED, starts_at__gt=now, starts_at__lte=now + READY_BY).annotate(
        has_link=Exists(links)
    )
    rows = (
        ahead.filter(Q(closer=None) | Q(has_link=False))
        .select_related("lead")
        .order_by("starts_at", "pk")
    )
    return [_unready(row, assigns=assigns) for row in rows[: needs.SHOWN + 1]]


def without_closer(seen: QuerySet[Appointment], now: datetime) -> list[Need]:
    """Return the meetings ahead that nobody closes, the nearest first."""
    rows = seen.filter(SCHEDULED, starts_at__gt=now, starts_at__lte=now + READY_BY, closer=None)
    found = rows.select_related("lead").order_by("starts_at", "pk")[: needs.SHOWN + 1]
    return [_unready(row, assigns=True) for row in found]


def _unready(row: Appointment, *, assigns: bool) -> Need:
    title = row.title or row.lead.name
    if row.closer_id is None:
        act, address = "", ""
        if assigns:
            act, address = _("Choose closer"), reverse("dashboard:move_meeting", args=[row.pk])
        return Need(
            state="incomplete",
            title=title,
            text=_("No closer yet"),
            when=row.starts_at,
            href=meetings.address_of(row),
            act=act,
            act_href=address,
        )
    address = reverse("dashboard:guests", args=[row.pk])
    return Need(
        state="incomplete",
        title=title,
        text=_("%(lead)s has no guest link yet") % {"lead": row.lead.name},
        when=row.starts_at,
        href=address,
        act=_("Invite guest"),
        act_href=address,
    )

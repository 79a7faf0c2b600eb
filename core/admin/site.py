"""The admin's name, colours and navigation, in the shapes that Unfold asks for (settings.UNFOLD
names these by path).

Navigation lists what the table below names, in its order, and then by itself whatever later apps
register; each person sees the pages that he may open.
"""

from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.models import Incident

MANY: Final = 99

# Heading -> (model, icon, words where the model's own name would not do).
PAGES: Final[dict[str, list[tuple[str, str, str]]]] = {
    gettext_noop("Now"): [
        ("core.incident", "emergency_home", gettext_noop("Incidents")),
        ("core.run", "progress_activity", gettext_noop("Runs")),
        ("core.inboundevent", "call_received", gettext_noop("Webhook deliveries")),
        ("core.apicall", "call_made", gettext_noop("Outgoing calls")),
    ],
    gettext_noop("People"): [
        ("crm.organization", "domain", gettext_noop("Organizations")),
        ("crm.member", "badge", gettext_noop("Members")),
        ("core.user", "person", gettext_noop("Users")),
        ("auth.group", "shield_person", gettext_noop("Roles")),
    ],
    gettext_noop("Sales"): [
        ("crm.team", "groups", gettext_noop("Teams")),
        ("crm.salesrep", "support_agent", gettext_noop("Reps")),
        ("crm.lead", "person_search", gettext_noop("Leads")),
        ("crm.contact", "contacts", gettext_noop("Contacts")),
        ("crm.appointment", "event", gettext_noop("Appointments")),
        ("crm.invitation", "mail", gettext_noop("Invitations")),
    ],
    gettext_noop("Setup"): [
        ("core.systemsetting", "tune", gettext_noop("Settings")),
        ("core.vendoraccount", "link", gettext_noop("Accounts at vendors")),
        ("core.sourceday", "fact_check", gettext_noop("Ledger")),
        ("core.alertchannel", "notifications", gettext_noop("Alert channels")),
        ("core.alertdelivery", "outgoing_mail", gettext_noop("Alerts sent")),
        ("django_celery_beat.periodictask", "schedule", gettext_noop("Timetable")),
    ],
    gettext_noop("Security"): [
        ("core.auditevent", "history_edu", gettext_noop("Audit log")),
        ("admin.logentry", "edit_note", gettext_noop("Saved pages")),
        ("core.apisession", "devices", gettext_noop("API sessions")),
        ("mfa.authenticator", "key", gettext_noop("Second factors")),
        ("axes.accessattempt", "lock_clock", gettext_noop("Lock-outs")),
        ("axes.accesslog", "login", gettext_noop("Sign-ins")),
    ],
}
# Parts of other pages, or inner workings that are reached by address and by search.
UNLISTED: Final = {
    "core.apikeyhour", "core.audithead", "core.idempotencykey", "core.inboundreceipt",
    "core.stablekey", "core.watch",
    "bison.domainday", "bison.ledgercheck", "bison.nametaken", "bison.suppressionstate",
    "bison.turn",
    "crm.organizationsettings", "axes.accessfailurelog", "django_celery_beat.clockedschedule",
    "django_celery_beat.crontabschedule", "django_celery_beat.intervalschedule",
    "django_celery_beat.solarschedule",
}  # fmt: skip


# Of later apps: a picture that says what it is.
SYMBOLS: Final = {
    "calls.call": "call", "calls.guestinvitation": "person_add", "calls.recording": "videocam",
    "calls.removedrecording": "delete", "calls.meetingmail": "mail",
    "fathom_sync.fathomaccount": "link", "fathom_sync.fathommeeting": "description",
    "fathom_sync.ledgerday": "fact_check",
    "fathom_sync.listedday": "checklist",
    "bison.instance": "dns", "bison.workspace": "workspaces",
    "bison.emailaccount": "alternate_email", "bison.campaign": "campaign", "bison.reply": "reply",
    "bison.workspaceresult": "verified", "bison.dailyfigures": "bar_chart",
    "bison.runway": "flight_land", "bison.ledgerday": "fact_check", "bison.suppression": "block",
    "bison.onboarding": "checklist", "bison.importedkey": "key",
    "integrations.integration": "extension",
    "integrations.oauthgrant": "passkey", "integrations.contactlink": "contact_page",
    "integrations.contactconflict": "difference", "integrations.event": "bolt",
    "integrations.eventendpoint": "webhook", "integrations.delivery": "outbox",
    "integrations.helpdeskagent": "support_agent", "integrations.demo": "smart_display",
    "integrations.chatwootwebhook": "call_received",
    "integrations.pipedrivewebhook": "call_received",
}  # fmt: skip


def icon(_request: HttpRequest | None = None) -> str:
    return static("img/favicon.svg")


def stylesheet(_request: HttpRequest) -> str:
    return static("admin_koppel/pages.css")


def environment(_request: HttpRequest) -> tuple[str, str] | None:
    """Return the badge at the top: what this installation is, unless it is the real thing."""
    if settings.DEMO:
        return _("Demo"), "info"
    if settings.DEBUG:
        return (_("Development"), "warning")
    return None


def theme(request: HttpRequest) -> str | None:
    """Return the person's own choice, as in the dashboard;
    None follows the system and shows Unfold's switch.
    """
    chosen = getattr(request.user, "theme", "system")
    if chosen in {"light", "dark"}:
        return chosen
    return None


def language_action(_request: HttpRequest) -> str:
    """Return where the choice of language goes: the same place as the dashboard's,
    so that it is one choice.
    """
    return reverse("dashboard:set_language")


def account_links(_request: HttpRequest) -> list[dict[str, str]]:
    return [{"title": _("Second factor"), "link": reverse("mfa_index")}]


def context(_request: HttpRequest) -> dict[str, Any]:
    """Take no colours from Unfold: it would write them into the page,
    which our Content-Security-Policy forbids.
    """
    return {"colors": None}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of the side bar, with what this person may see."""
    start = {
        "title": "",
        "items": [
            {
                "title": _("Overview"),
                "icon": "home",
                "link": reverse("admin:index"),
                "has_permission": True,
            },
            {"title": _("Dashboard"), "icon": "arrow_outward", "link": "/", "active": False},
        ],
    }
    groups: list[dict[str, Any]] = [
        {"title": _(heading), "separator": True, "items": [_item(request, *page) for page in pages]}
        for heading, pages in PAGES.items()
    ]
    groups += [
        {"title": str(apps.get_app_config(app).verbose_name), "separator": True, "items": items}
        for app, items in _of_later_apps(request).items()
    ]
    for group in groups:
        group["items"] = [item for item in group["items"] if item]
    return [start, *(group for group in groups if group["items"])]


def open_incidents(_request: HttpRequest) -> str:
    """Return how many are open, for the badge; '' when none."""
    count = Incident.objects.filter(closed_at=None)[: MANY + 1].count()
    if count > MANY:
        return f"{MANY}+"
    if count:
        return str(count)
    return ""


def _item(request: HttpRequest, label: str, symbol: str, title: str = "") -> dict[str, Any] | None:
    model = apps.get_model(label)
    page = admin.site._registry.get(model)
    if page is None or not page.has_view_or_change_permission(request):
        return None
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    words = _(title) if title else capfirst(model._meta.verbose_name_plural)
    item: dict[str, Any] = {"title": words, "icon": symbol, "link": reverse(name)}
    if label == "core.incident" and (count := open_incidents(request)):
        item |= {"badge": count, "badge_variant": "danger"}
    return item


def _of_later_apps(request: HttpRequest) -> dict[str, list[dict[str, Any] | None]]:
    listed = {label for pages in PAGES.values() for label, _symbol, _title in pages} | UNLISTED
    groups: dict[str, list[dict[str, Any] | None]] = {}
    for model in sorted(admin.site._registry, key=_place):
        label = model._meta.label_lower
        if label not in listed and (
            item := _item(request, label, SYMBOLS.get(label, "table_rows"))
        ):
            groups.setdefault(model._meta.app_label, []).append(item)
    return groups


def _place(model: Any) -> int:
    """Return where a page stands among those of its app: as named above,
    and after them as it was registered.
    """
    named = list(SYMBOLS)
    label = model._meta.label_lower
    return named.index(label) if label in named else len(named)

"""People: leads, the contacts behind them, reps."""

from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.quick import quickly
from crm import access, finding
from crm.models import RepAlias
from dashboard.search.asking import SHOWN, Asked, Group, Hit, group

# Of a word that very many have, the best are chosen among so many.
AMONG: Final = 200


def leads(asked: Asked) -> Group:
    """Return the leads whose name, address, company or phone has the words."""
    found = _named(access.leads_for(asked.user, asked.scope), asked)
    asked.leads.update((row.pk, row) for row in found)
    rows = found[: SHOWN + 1]
    hits = [
        Hit(row.name, _about(row), reverse("dashboard:person", args=[row.pk]), "user-round")
        for row in rows
    ]
    return group("lead", _("Leads"), hits, asked.list_of("dashboard:people"))


def contacts(asked: Asked) -> Group:
    """Return the contacts likewise, but for those who are found as a lead."""
    found = _named(access.contacts_for(asked.user, asked.scope), asked)
    rows = [row for row in found if not _is_same(row, asked.leads.get(row.lead_id))][: SHOWN + 1]
    hits = [
        Hit(row.name, _about(row), reverse("dashboard:contact", args=[row.pk]), "user-round")
        for row in rows
    ]
    return group("contact", _("Contacts"), hits, asked.list_of("dashboard:people_contacts"))


def reps(asked: Asked) -> Group:
    """Return the reps of this name or of one of these addresses; who has left comes last."""
    named = RepAlias.objects.filter(normalized__contains=asked.text.casefold()).values("rep_id")
    rows = access.reps_for(asked.user, asked.scope).filter(asked.in_any("name") | Q(pk__in=named))
    found = quickly(rows.order_by("archived_at", "name", "pk")[: SHOWN + 1])
    hits = [
        Hit(row.name, row.email, reverse("dashboard:rep", args=[row.pk]), "users") for row in found
    ]
    return group("rep", _("Reps"), hits, asked.list_of("dashboard:reps"))


def _named(rows: QuerySet[Any], asked: Asked) -> list[Any]:
    """Return some of those that have the words, whose name begins with what was typed first."""
    rows = rows.alias(words=finding.words())
    for word in asked.words:
        rows = rows.filter(words__contains=word.upper())
    found = list(quickly(rows.order_by()[:AMONG]))
    typed = asked.text.casefold()
    found.sort(
        key=lambda row: (
            not row.name.casefold().startswith(typed),
            row.name.casefold(),
            str(row.pk),
        )
    )
    return found


def _is_same(contact: Any, lead: Any) -> bool:
    """Tell whether a contact is the person that a lead is:
    by their address, or their name where either has none.
    """
    if lead is None:
        return False
    if contact.email_normalized and lead.email_normalized:
        return bool(contact.email_normalized == lead.email_normalized)
    return bool(contact.name.casefold() == lead.name.casefold())


def _about(row: Any) -> str:
    return " · ".join(text for text in (row.company, row.email) if text)

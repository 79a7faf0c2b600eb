"""What colleagues use and a person does not, as the list says it:
connect it too, or use one that is shared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.integrations import catalog
from dashboard.integrations.entering import Visit
from integrations.providers.base import Provider
from integrations.recommending import recommended


@dataclass(frozen=True)
class Hint:
    """One service that colleagues use."""

    provider: Provider
    words: str
    connect_url: str
    shared: str = ""
    """What leads to one that the person may use already; '' where there is none."""
    shared_url: str = ""


def hints(visit: Visit) -> Sequence[Hint]:
    """Return what a member might connect next; nothing for staff, who connect for others."""
    if visit.is_staff or visit.organization is None or not visit.may_add:
        return []
    found = []
    for each in recommended(visit.user, visit.organization):
        services = [
            catalog.find(each.provider.key, kind, visit.organization)
            for kind in each.provider.types
        ]
        open_to_them = [
            service for service in services if service is not None and not service.needs
        ]
        if not open_to_them:
            continue
        shared = shared_url = ""
        if each.shared is not None:
            owner = each.shared.owner
            name = owner.get_short_name() or owner.get_username() if owner else each.shared.name
            shared = _("Use the one of %(name)s, which is shared with you") % {"name": name}
            shared_url = reverse("dashboard:integration", args=[each.shared.pk])
        words = ngettext(
            "Your team uses %(service)s: %(n)d colleague.",
            "Your team uses %(service)s: %(n)d colleagues.",
            each.colleagues,
        )
        words %= {"service": each.provider.name, "n": each.colleagues}
        found.append(Hint(each.provider, words, open_to_them[0].url, shared, shared_url))
    return found

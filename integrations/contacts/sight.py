"""Whom a sync may send, and whom it may link: those whom the integration's owner sees (decision 0153).

A person's own service gets what that person may read anyway, and nothing that is kept from them in Koppel. Who came
from the service itself is theirs, too. Where the owner has left, nobody sees anything until there is another.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from crm import access
from crm.models import Contact, Lead, Member
from integrations.contacts.people import CONTACT, LEAD
from integrations.models import ContactLink, Integration

MODELS: dict[str, type[Any]] = {CONTACT: Contact, LEAD: Lead}
# Who sees everybody needs no condition.
ALL = (Member.Role.CEO, Member.Role.ADMIN)


def sees_all(integration: Integration) -> bool:
    """Tell whether the owner sees the whole organization."""
    return access.role_in(_owner(integration), integration.organization_id) in ALL


def seen(integration: Integration, kind: str) -> QuerySet[Any]:
    """Return the contacts or leads of the organization that its owner sees, and whom its pulls made."""
    model = MODELS[kind]
    rows = model._default_manager.filter(organization_id=integration.organization_id)
    if sees_all(integration):
        return rows
    visible = access.visible(model, _owner(integration), integration.organization_id)
    made = ContactLink.objects.filter(integration=integration, is_made_by_pull=True, **{f"{kind}__isnull": False})
    return rows.filter(Q(pk__in=visible.values("pk")) | Q(pk__in=made.values(f"{kind}_id")))


def _owner(integration: Integration) -> access.Viewer:
    return integration.owner or AnonymousUser()

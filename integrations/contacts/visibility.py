"""Whom a sync may tell of: a service gets and links the people whom the integration's owner
sees (decision 0153).

A person's own service gets what that person may read anyway, and nothing that is kept from them in
Koppel. Who came from the service itself is theirs, too. A preview shows people of Koppel to nobody
who does not see them.
"""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from core.models import User
from crm import access
from crm.models import Contact, Lead, Member
from integrations.contacts.people import CONTACT, KINDS, LEAD, State
from integrations.models import ContactConflict, ContactLink, Integration

MODELS: Final[dict[str, type[Any]]] = {CONTACT: Contact, LEAD: Lead}
# Who sees everybody needs no condition.
HEADS: Final = (Member.Role.CEO, Member.Role.ADMIN)


def is_somebodys(integration: Integration) -> bool:
    """Tell whether its owner belongs to the organization, today."""
    owner = integration.owner
    if owner is None or not owner.is_active:
        return False
    return access.sees_everything(owner) or bool(access.role_in(owner, integration.organization_id))


def sees_all(integration: Integration) -> bool:
    """Tell whether its owner sees all of the organization by their role."""
    owner = integration.owner
    return owner is not None and access.role_in(owner, integration.organization_id) in HEADS


def seen(integration: Integration, kind: str) -> QuerySet[Any]:
    """Return the people of a kind whom its owner sees, and whom its pulls made;
    nobody, where the owner has left.
    """
    model = MODELS[kind]
    owner = integration.owner
    if owner is None or not is_somebodys(integration):
        return model._default_manager.none()
    rows = model._default_manager.filter(organization_id=integration.organization_id)
    if sees_all(integration):
        return rows
    visible = access.visible(model, owner, integration.organization_id)
    made = ContactLink.objects.filter(
        integration=integration,
        state=State.LINKED,
        is_made_by_pull=True,
        **{f"{kind}__isnull": False},
    )
    return rows.filter(Q(pk__in=visible.values("pk")) | Q(pk__in=made.values(f"{kind}_id")))


def seen_of(user: User | None, organization_id: UUID, people: Collection[UUID]) -> set[UUID]:
    """Return which of these contacts and leads somebody sees; all of them where nobody asks."""
    if user is None:
        return set(people)
    found: set[UUID] = set()
    for kind in KINDS:
        rows: QuerySet[Any] = access.visible(MODELS[kind], user, organization_id)
        found.update(rows.filter(pk__in=people).values_list("pk", flat=True))
    return found


def conflicts_for(
    user: Any, integration: Integration, rows: QuerySet[ContactConflict]
) -> QuerySet[ContactConflict]:
    """Return the conflicts that this person may see, of those of an integration.

    They are about people whom they see or who are gone; its owner is asked about whoever came
    from there, too.
    """
    return rows.filter(_about(user, integration, "link__"))


def links_for(
    user: Any, integration: Integration, rows: QuerySet[ContactLink]
) -> QuerySet[ContactLink]:
    """Return the links that this person may see, by the same rule."""
    return rows.filter(_about(user, integration, ""))


def _about(user: Any, integration: Integration, path: str) -> Q:
    found = Q(**{f"{path}contact": None, f"{path}lead": None})
    for kind in KINDS:
        people: QuerySet[Any] = access.visible(MODELS[kind], user, integration.organization_id)
        found |= Q(**{f"{path}{kind}__in": people.values("pk")})
    if integration.owner_id == user.pk:
        found |= Q(**{f"{path}is_made_by_pull": True})
    return found

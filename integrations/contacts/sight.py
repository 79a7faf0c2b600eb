"""Whom a sync may tell of: a service gets the people whom the integration's owner sees, and whoever came from there.

A preview shows people of Koppel to nobody who does not see them.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from core.models import User
from crm import access
from crm.models import Contact, Member
from integrations.contacts.people import CONTACT, KINDS, State
from integrations.contacts.rows import MODELS
from integrations.models import ContactConflict, ContactLink, Integration

HEADS = (Member.Role.CEO, Member.Role.ADMIN)


def is_somebodys(integration: Integration) -> bool:
    """Tell whether its owner belongs to the organization, today."""
    owner = integration.owner
    if owner is None or not owner.is_active:
        return False
    return access.sees_everything(owner) or bool(access.role_in(owner, integration.organization_id))


def is_of_a_head(integration: Integration) -> bool:
    """Tell whether its owner sees all of the organization by their role."""
    owner = integration.owner
    return owner is not None and access.role_in(owner, integration.organization_id) in HEADS


def to_send(integration: Integration, kind: str) -> QuerySet[Any]:
    """Return the people of a kind whom a sync may send: nobody, where the owner has left."""
    owner = integration.owner
    if owner is None or not is_somebodys(integration):
        return MODELS[kind]._default_manager.none()
    seen = access.visible(MODELS[kind], owner, integration.organization_id)
    if kind != CONTACT or is_of_a_head(integration):
        return seen
    came = ContactLink.objects.filter(integration=integration, state=State.LINKED, is_made_by_pull=True)
    whom = Q(pk__in=seen.values("pk")) | Q(pk__in=came.values("contact_id"))
    return Contact.objects.filter(whom, organization_id=integration.organization_id)


def seen_of(user: User | None, organization_id: UUID, people: Collection[UUID]) -> set[UUID]:
    """Return which of these contacts and leads somebody sees; all of them where nobody asks."""
    if user is None:
        return set(people)
    found: set[UUID] = set()
    for kind in KINDS:
        rows: QuerySet[Any] = access.visible(MODELS[kind], user, organization_id)
        found.update(rows.filter(pk__in=people).values_list("pk", flat=True))
    return found


def conflicts_for(user: Any, integration: Integration, rows: QuerySet[ContactConflict]) -> QuerySet[ContactConflict]:
    """Return the conflicts that this person may see, of those of an integration.

    They are about people whom they see or who are gone; its owner is asked about whoever came from there, too.
    """
    seen = Q(link__contact=None, link__lead=None)
    for kind in KINDS:
        people: QuerySet[Any] = access.visible(MODELS[kind], user, integration.organization_id)
        seen |= Q(**{f"link__{kind}__in": people.values("pk")})
    if integration.owner_id == user.pk:
        seen |= Q(link__is_made_by_pull=True)
    return rows.filter(seen)

"""Edits on both sides, as people and other programs make them:
by chance, and the same again for the same seed.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from crm.models import Contact, Lead, Organization
from integrations.models import ContactConflict, ContactLink, Integration
from tests.integrations.contact_service import People

COMPANIES = ("Acme", "Globex", "Initech", "")


def begin(organization: Organization, service: People, count: int) -> None:
    """Have people on both sides: most there alone, some in Koppel alone, some on both,
    and what is odd.
    """
    now = timezone.now()
    service.fill(count)
    made = [
        _contact(organization, f"Own{number} Person", f"own{number}@x.example", now)
        for number in range(count // 4)
    ]
    made += [
        _contact(organization, f"First{n} Other", f"P{n}@X.example", now)
        for n in range(1, count // 5)
    ]
    made += [_contact(organization, f"Nobody {number}", "", now) for number in range(count // 50)]
    Contact.objects.bulk_create(made)
    Lead.objects.bulk_create(
        Lead(
            id=uuid4(),
            organization=organization,
            name=f"Lead{n}",
            email=email,
            email_normalized=email,
        )
        for n in range(count // 10)
        for email in [f"lead{n}@x.example"]
    )
    for number in range(count // 20):
        service.add(
            firstname="Twice",
            lastname=str(number),
            email=f"p{number + 1}@x.example",
            changed_at=_long_ago(),
        )
    for _number in range(count // 50):
        service.add(firstname="", lastname="", email="not an address", changed_at=_long_ago())


def edit(organization: Organization, service: People, chance: random.Random, count: int) -> None:
    """Change, add and delete about so many on each side."""
    names = list(service.people)
    for name in chance.sample(names, min(count, len(names))):
        service.change(name, **_edited(chance, f"there{chance.random()}"))
    for name in chance.sample(names, count // 50):
        service.delete(name)
    for number in range(count // 10):
        service.add(
            firstname="New",
            lastname=str(number),
            email=f"new{chance.random()}@x.example",
            changed_at=_now(),
        )
    rows = list(Contact.objects.filter(organization=organization).order_by("email", "name"))
    changed = chance.sample(rows, min(count, len(rows)))
    for row in changed:
        edited = _edited(chance, f"here{chance.random()}")
        row.phone, row.company = edited.get("phone", row.phone), edited.get("company", row.company)
        row.updated_at = timezone.now()
    Contact.objects.bulk_update(changed, ["phone", "company", "updated_at"], batch_size=5000)
    Contact.objects.filter(pk__in=[row.pk for row in chance.sample(rows, count // 50)]).delete()
    now = timezone.now()
    Contact.objects.bulk_create(
        _contact(organization, f"Late {number}", f"late{chance.random()}@x.example", now)
        for number in range(count // 10)
    )


def apart(
    integration: Integration, service: People
) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return who is linked and not the same on both sides, but for those of whom
    a person has to decide.
    """
    rows = ContactLink.objects.filter(integration=integration, state="linked").select_related(
        "contact", "lead"
    )
    asked = set(ContactConflict.objects.filter(resolved_at=None).values_list("link_id", flat=True))
    found = []
    for row in rows:
        person, record = row.contact or row.lead, service.people.get(row.vendor_id)
        if person is None or record is None or row.pk in asked:
            continue
        ours = {"phone": person.phone, "company": person.company}
        theirs = {name: record.get(name, "") for name in ours}
        if ours != theirs:
            found.append((row.vendor_id, ours, theirs))
    return found


def _edited(chance: random.Random, word: str) -> dict[str, str]:
    edited = {}
    if chance.random() < 0.6:
        edited["phone"] = f"+44 {chance.randrange(10**9)}"
    if chance.random() < 0.6:
        edited["company"] = f"{chance.choice(COMPANIES)}{word[-6:]}"
    return edited


def _contact(organization: Organization, name: str, email: str, now: datetime) -> Contact:
    lowered = email.lower()
    return Contact(
        id=uuid4(),
        organization=organization,
        name=name,
        email=email,
        email_normalized=lowered,
        updated_at=now,
    )


def _long_ago() -> datetime:
    return _now() - timedelta(days=100)


def _now() -> datetime:
    return datetime.now(UTC)

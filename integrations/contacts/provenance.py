"""Where each field of a person came from, and when: a service whose value it has, else Koppel."""

from dataclasses import dataclass
from datetime import datetime

from crm.models import Contact, Lead
from integrations.contacts.mapping import OURS
from integrations.models import ContactLink, Integration


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one field came from; without an integration somebody entered it in Koppel,
    at the latest then.
    """

    field: str
    integration: Integration | None
    at: datetime


def origins(person: Contact | Lead) -> dict[str, Origin]:
    """Return the origin of each field that has a value; the service that brought
    it last is the one.
    """
    which = {person._meta.model_name or "": person}
    links = list(ContactLink.objects.filter(**which).select_related("integration"))
    found = {}
    for name in OURS:
        value = getattr(person, name)
        if value:
            brought = [
                link for link in links if name in link.taken and link.ours.get(name) == value
            ]
            latest = max(brought, key=lambda link: str(link.taken[name]), default=None)
            if latest is None:
                found[name] = Origin(name, None, person.updated_at)
            else:
                found[name] = Origin(
                    name, latest.integration, datetime.fromisoformat(latest.taken[name])
                )
    return found

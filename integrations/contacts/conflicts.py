"""Fields that both sides changed: a person says whose stay."""

from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import happenings, locks
from core.errors import Conflicting
from core.models import User
from crm.models import Contact, Lead
from integrations.contacts.mapping import EMAIL, KEEP_THEIRS, LABELS, one_spelling
from integrations.contacts.people import State
from integrations.models import ContactConflict, Integration
from integrations.services.writing import record

RESOLVED: Final = _("This was decided already.")
NOBODY: Final = _("The contact was deleted meanwhile.")


def open_conflicts(integration: Integration) -> QuerySet[ContactConflict]:
    """Return what waits for a person, the newest first: about people who are in Koppel
    and at the service.
    """
    somebody = Q(link__contact__isnull=False) | Q(link__lead__isnull=False)
    waiting = integration.contact_conflicts.filter(
        somebody, resolved_at=None, link__state=State.LINKED
    )
    return waiting.select_related("link__contact", "link__lead")


def shown_fields(conflict: ContactConflict) -> list[dict[str, str]]:
    """Return each field in question with its label and both values."""
    return [
        {
            "name": name,
            "label": str(LABELS[name]),
            "ours": values["ours"],
            "theirs": values["theirs"],
        }
        for name, values in sorted(conflict.fields.items())
        if name in LABELS
    ]


def resolve(
    conflict: ContactConflict, *, keep: str, actor: Any, request: Any = None
) -> ContactConflict:
    """Keep ours or theirs for all fields of a conflict; what stays here goes there
    with the next push.

    Conflicting is raised for one that was decided already, or whose person is not there any more.
    """
    with transaction.atomic():
        locks.hold("integrations.contacts", conflict.integration.organization_id)
        conflict = (
            ContactConflict.objects.select_for_update(of=("self",))
            .select_related("link")
            .get(pk=conflict.pk)
        )
        if conflict.resolved_at is not None:
            raise Conflicting(RESOLVED, code="conflict")
        person = _person(conflict)
        if person is None:
            raise Conflicting(NOBODY, code="conflict")
        theirs = {name: values["theirs"] for name, values in conflict.fields.items()}
        link = conflict.link
        if keep == KEEP_THEIRS:
            _take(person, theirs)
            link.ours = {**link.ours, **theirs}
            link.taken = {**link.taken, **dict.fromkeys(theirs, timezone.now().isoformat())}
        else:
            # Ours is sent, also where it is by now what both sides once had.
            link.ours = {name: value for name, value in link.ours.items() if name not in theirs}
        link.theirs = {**link.theirs, **theirs}
        link.save(update_fields=["ours", "theirs", "taken"])
        conflict.resolved_at, conflict.kept = timezone.now(), keep
        conflict.resolved_by = actor if isinstance(actor, User) else None
        conflict.save(update_fields=["resolved_at", "kept", "resolved_by"])
        record(
            "integration.conflict_resolved",
            conflict.integration,
            actor,
            request,
            keep=keep,
            fields=sorted(theirs),
        )
    return conflict


def _person(conflict: ContactConflict) -> Contact | Lead | None:
    """Return whom it is about, locked."""
    link = conflict.link
    if link.contact_id is not None:
        return Contact.objects.select_for_update(of=("self",)).filter(pk=link.contact_id).first()
    if link.lead_id is not None:
        return Lead.objects.select_for_update(of=("self",)).filter(pk=link.lead_id).first()
    return None


def _take(person: Contact | Lead, values: dict[str, str]) -> None:
    changed = [name for name, value in values.items() if getattr(person, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(person, name, values[name])
    if EMAIL in changed:
        person.email_normalized = one_spelling(person.email)
    person.save(update_fields=[*changed, "email_normalized", "updated_at"])
    happenings.tell(f"{person._meta.model_name}.updated", [person], changed=changed)

"""Whom no sync and no file brings back: marks of erased addresses, as keyed hashes.

An address counts however it is written: in any case, alphabet or form of Unicode, and with anything
after a plus, which reaches the same mailbox. The same person's other addresses count where they
were known when the person was erased.

Whoever brings people in asks at the beginning of the transaction that stores them; an erasure marks
first, then waits for those who asked before. So nobody is stored after their erasure began whom it
did not see.
"""

import re
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit, locks
from core.models import InboundEvent
from core.privacy import marks
from crm import addresses
from crm.models import ErasedAddress

# Why something was left out.
ERASED: Final = "erased"
WORDS: Final = _("Somebody in it was erased")
NOT_MARKED: Final = _("This address is not kept out.")
NOT_FROM_A_FILE: Final = _("This person was erased. Whoever wants them back enters them by hand.")
_ADDRESS: Final = re.compile(r"[^\s\"'<>@,;:()\[\]\\/=|]{1,64}@[^\s\"'<>@,;:()\[\]\\/=|]{3,190}")


def begin() -> bool:
    """Have erasures wait for this transaction; return whether anybody is marked at all."""
    if connection.in_atomic_block:
        locks.hold("crm.erasures", shared=True)
    return ErasedAddress.objects.exists()


def erased(organization_id: UUID | None, found: Iterable[str]) -> frozenset[str]:
    """Return which of these addresses no sync may bring to this organization,
    as they were given.
    """
    forms = {text: addresses.forms(text) for text in found}
    every = frozenset().union(*forms.values())
    of_all = {marks.hash_of(address, None): address for address in every}
    own = {}
    if organization_id is not None:
        own = {marks.hash_of(address, organization_id): address for address in every}
    rows = ErasedAddress.objects.filter(address_hash__in=[*of_all, *own])
    known = dict(rows.values_list("address_hash", "lifted_at"))
    # What an organization lifted is lifted there, whatever holds for all.
    lifted = {
        own[name] for name, lifted_at in known.items() if name in own and lifted_at is not None
    }
    named = {(of_all | own)[name] for name, lifted_at in known.items() if lifted_at is None}
    return frozenset(text for text, written in forms.items() if written & (named - lifted))


def is_erased(organization_id: UUID | None, address: str) -> bool:
    """Tell the same of one address; within the transaction that stores it."""
    return begin() and bool(erased(organization_id, [address]))


def mentioned(organization_id: UUID | None, text: str) -> frozenset[str]:
    """Return the erased addresses that stand anywhere in a text."""
    if "@" not in text:
        return frozenset()
    return erased(organization_id, {found.rstrip(".") for found in _ADDRESS.findall(text)})


def mark(organization_id: UUID | None, found: Iterable[str]) -> None:
    """Let no sync bring these back from now on, and wait for those who asked before."""
    now = timezone.now()
    spelled = sorted(frozenset().union(*map(addresses.forms, found)))
    rows = [
        ErasedAddress(
            organization_id=organization_id,
            address_hash=marks.hash_of(address, organization_id),
            erased_at=now,
            lifted_at=None,
        )
        for address in spelled
    ]
    with transaction.atomic():
        changes = ["erased_at", "lifted_at"]
        ErasedAddress.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["address_hash"], update_fields=changes
        )
        if organization_id is None:
            _mark_again(spelled)
    with transaction.atomic():
        locks.hold("crm.erasures")


def _mark_again(spelled: Iterable[str]) -> None:
    """Mark anew what organizations had lifted: an erasure in all of them means them too."""
    lifted = ErasedAddress.objects.filter(lifted_at__isnull=False, organization__isnull=False)
    organizations = list(lifted.values_list("organization_id", flat=True).distinct())
    hashes = [marks.hash_of(address, each) for address in spelled for each in organizations]
    lifted.filter(address_hash__in=hashes).update(lifted_at=None, erased_at=timezone.now())


def lift(
    organization_id: UUID, email: str, row: Any, actor: Any = None, request: Any = None
) -> bool:
    """Take the mark off an address that somebody entered by hand: they are back.
    Return whether there was one.
    """
    if not email or not ErasedAddress.objects.exists() or not erased(organization_id, [email]):
        return False
    _lift(organization_id, email)
    audit.record(
        "erasure.lifted",
        actor=actor,
        target=row,
        request=request,
        organization_id=organization_id,
        new=addresses.normalize(email),
    )
    return True


def allow(organization_id: UUID | None, email: str, *, actor: Any, request: Any = None) -> None:
    """Take the mark off an address that somebody else has now; ValidationError where there is none.

    Without an organization the mark that counts in all is meant;
    what an organization erased is its own to allow.
    """
    address = addresses.normalize(email)
    with transaction.atomic():
        if not erased(organization_id, [address]):
            raise ValidationError({"email": ValidationError(NOT_MARKED, code="invalid")})
        _lift(organization_id, address)
        audit.record(
            "erasure.allowed",
            actor=actor,
            request=request,
            organization_id=organization_id,
            new=address,
        )


def _lift(organization_id: UUID | None, email: str) -> None:
    """Note that an address may be brought in again, however it is written."""
    now = timezone.now()
    values = {"organization_id": organization_id, "lifted_at": now}
    for address in sorted(addresses.forms(email)):
        ErasedAddress.objects.update_or_create(
            address_hash=marks.hash_of(address, organization_id),
            defaults=values,
            create_defaults={**values, "erased_at": now},
        )


def empty_delivery(*, event: InboundEvent, **_signal: Any) -> None:
    """Keep nothing of a delivery that was worked, where it names somebody who was erased."""
    if not begin():
        return
    text = orjson.dumps(event.event_data, default=str).decode()
    if mentioned(event.organization_id, text):
        rows = InboundEvent.objects.filter(pk=event.pk, received_at=event.received_at)
        rows.update(event_data={ERASED: True})

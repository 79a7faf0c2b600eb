"""What can be mapped: the fields that a vendor says an account has, those that its people
made among them.

What the vendor answered is kept for some minutes. Where it does not answer,
the fields that every account has are left.
"""

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from core import vendors
from core.errors import VendorError
from core.http import Limits
from core.http.turns import Busy
from core.words.sayings import Text
from integrations import registry
from integrations.contacts.speaking import Contacts, RemoteField
from integrations.models import Integration
from integrations.providers.base import context_of

KEPT: Final = 600
# A vendor that did not answer is left alone for so long: each look would wait for it again.
RESTED: Final = 60
# A person waits for the answer.
LIMITS: Final = Limits(connect=3, read=8, total=10, attempts=2, quota_wait=3, longest_retry_after=2)
NOT_ANSWERED: Final = _(
    "The service did not say which fields this account has. Those that every account has are "
    "shown; test the connection to see what is wrong."
)
SILENT: Final = "silent"


@dataclass(frozen=True, slots=True)
class Known:
    """The fields that can be mapped; with a note where they are not all that the account has."""

    fields: Sequence[RemoteField]
    note: Text = ""

    @property
    def is_whole(self) -> bool:
        return not self.note


def fields_at(integration: Integration, contacts: Contacts, wanted: Collection[str] = ()) -> Known:
    """Return what can be mapped at an integration; what is wanted and was not there
    is asked for anew.
    """
    make = registry.provider_of(integration).client
    if contacts.describe is None or make is None:
        return Known(contacts.fields)
    values = vendors.current(integration.account)
    place = f"integrations:fields:{integration.pk}:{values.fingerprint[:24]}"
    kept = _kept(place)
    if kept == SILENT:
        return Known(contacts.fields, NOT_ANSWERED)
    if kept is not None and set(wanted) <= {row[0] for row in kept}:
        return Known(_read(kept, contacts))
    try:
        client = make(integration.account, values, context_of(integration.account, "fields"))
        client.limits = LIMITS
        found = contacts.describe(client, values)
    except (VendorError, Busy) as error:
        if kept is not None:
            return Known(_read(kept, contacts), NOT_ANSWERED)
        if isinstance(error, VendorError):
            _keep(place, SILENT, RESTED)
        return Known(contacts.fields, NOT_ANSWERED)
    _keep(place, _written(found, contacts), KEPT)
    return Known(found)


def _kept(place: str) -> Any:
    """Return what is kept; without Redis that is nothing."""
    try:
        return cache.get(place)
    except RedisError:
        return None


def _keep(place: str, value: Any, seconds: int) -> None:
    with contextlib.suppress(RedisError):
        cache.set(place, value, seconds)


def _written(found: Sequence[RemoteField], contacts: Contacts) -> list[tuple[str, str, bool]]:
    """Return fields as the cache keeps them: labels of ours are said in each reader's language."""
    ours = {field.name for field in contacts.fields}
    return [
        (field.name, "" if field.name in ours else str(field.label), field.writable)
        for field in found
    ]


def _read(kept: Sequence[tuple[str, str, bool]], contacts: Contacts) -> list[RemoteField]:
    labels = {field.name: field.label for field in contacts.fields}
    return [RemoteField(name, labels.get(name, label), writable) for name, label, writable in kept]

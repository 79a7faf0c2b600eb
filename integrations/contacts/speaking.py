"""What a provider and the contact sync say to each other: a provider writes these,
the sync reads them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from core.http import Client
from core.words.sayings import Text

CREATED: Final = "created"
UPDATED: Final = "updated"
FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class RemoteContact:
    """One contact as the vendor lists it: `fields` by the vendor's names of properties,
    each value text.
    """

    id: str
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    changed_at: datetime | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One page of a vendor's list.

    `cursor` asks for the next page, None after the last; `total`: how many this very list has,
    of all or of what changed since, where the vendor says it; `size`: the bytes of the body.
    """

    records: Sequence[RemoteContact] = field(repr=False)
    cursor: str | None = None
    total: int | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class ContactWrite:
    """One contact to be written at the vendor: by `vendor_id` where it is known, else by `email`.

    `key` is ours and comes back in `Written`.
    """

    key: str
    vendor_id: str | None
    email: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one `ContactWrite`: its outcome is "created", "updated" or "failed"."""

    key: str
    vendor_id: str = ""
    outcome: str = UPDATED
    error: Text = ""


@dataclass(frozen=True, slots=True)
class RemoteField:
    """A property of the vendor's contacts that can be mapped."""

    name: str
    label: Text
    writable: bool = True


# A vendor's client, the account's values, changed since (None: all), cursor (None: the first page).
Fetch = Callable[[Client, Any, datetime | None, str | None], ContactPage]
Upsert = Callable[[Client, Any, Sequence[ContactWrite]], "list[Written]"]
Count = Callable[[Client, Any], int | None]
# What can be mapped in this very account.
Describe = Callable[[Client, Any], Sequence[RemoteField]]
# The properties that are wanted beside the usual ones, then as for Fetch.
FetchWith = Callable[[Collection[str], Client, Any, datetime | None, str | None], ContactPage]


@dataclass(frozen=True, slots=True, eq=False)
class Contacts:
    """How a provider's contacts are listed and written.

    `mapping`: our field → the vendor's property, unless somebody chose otherwise. `upsert` writes
    by vendor id where there is one, else by e-mail address, and never makes a second contact of
    one address; it takes at most `batch`. `fetch_deleted` lists what was deleted, where the vendor
    has such a list. `fields` are those of every account; `describe` asks the vendor which an
    account has, those that its people made among them, and `fetch_with` is `fetch` with the values
    of these too.
    """

    fields: Sequence[RemoteField]
    mapping: Mapping[str, str]
    fetch: Fetch
    upsert: Upsert
    batch: int = 100
    count: Count | None = None
    fetch_deleted: Fetch | None = None
    describe: Describe | None = None
    fetch_with: FetchWith | None = None

    def fetching(self, names: Collection[str]) -> Fetch:
        """Return what fetches pages in which these properties have their values."""
        if self.fetch_with is None:
            return self.fetch
        return partial(self.fetch_with, names)

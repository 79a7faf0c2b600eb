"""An account's values: the ones in use, and those that wait until they have worked."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from core.http import Answer, Costs
from core.masking import BULLETS, Secret
from core.models import VendorAccount, VendorSecret
from core.secrets import crypto
from core.secrets.crypto import CannotOpen
from core.vendors.declarations import Field, Vendor, vendor_of

Slot = VendorSecret.Slot
FIRST_REFUSAL: Final = 400


class Values(Mapping[str, "str | Secret"]):
    """The values of an account by the names of their fields; a secret stays a Secret.

    Those that are `untried` are no part of what a test learns.
    """

    def __init__(self, found: Mapping[str, "str | Secret"], untried: Collection[str] = ()) -> None:
        self._found = dict(found)
        self._untried = frozenset(untried)
        # Whether the vendor has given an answer to a call with these.
        self.answered = False
        # Who has them tried.
        self.tried_by = ""

    def note_answer(self, answer: Answer, _costs: Costs) -> None:
        """Note that the vendor takes these: to be given to a Client as its `on_answer`."""
        if answer.status < FIRST_REFUSAL:
            self.answered = True

    def __getitem__(self, name: str) -> "str | Secret":
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def text(self, name: str) -> str:
        """Return a value that is no secret; '' where there is none."""
        value = self._found.get(name, "")
        if isinstance(value, Secret):
            raise TypeError(f"{name} is a secret")
        return value

    def secret(self, name: str) -> Secret:
        """Return a secret, or raise KeyError."""
        value = self._found[name]
        if not isinstance(value, Secret):
            raise TypeError(f"{name} is no secret")
        return value

    def are_enough_for(self, vendor: Vendor) -> bool:
        """Tell whether every field has a value that must have one."""
        needed = [field for field in vendor.fields if field.required and field.applies_to(self)]
        return all(field.name in self._found for field in needed)

    def with_others(self, others: Mapping[str, "str | Secret"]) -> "Values":
        """Return these values with others in their place."""
        return Values({**self._found, **others}, self._untried)

    def that_are_set(self) -> "Values":
        """Return these values without those that are empty."""
        return Values({name: value for name, value in self.items() if value}, self._untried)

    @property
    def fingerprint(self) -> str:
        """Return what stands for all that are tried, where they must not be;
        '' where one cannot be opened any more.
        """
        try:
            names = sorted(self._found.keys() - self._untried)
            parts = [f"{name}={in_clear(self._found[name])}" for name in names]
        except CannotOpen:
            return ""
        return crypto.mac("vendor-account", "\x1f".join(parts).encode("utf-8", "surrogatepass"))


def accounts_of(vendor: Vendor) -> QuerySet[VendorAccount]:
    """Return the accounts at a vendor."""
    return VendorAccount.objects.filter(vendor=vendor.key)


def account_of(
    vendor: Vendor, organization_id: UUID | None, label: str = "", *, makes: bool = True
) -> VendorAccount:
    """Return an owner's account, made when it is first asked for;
    with `makes=False` it is not stored then.
    """
    owner = {"vendor": vendor.key, "organization_id": organization_id, "label": label}
    found = VendorAccount.objects.filter(**owner).first()
    if found is None and not makes:
        return VendorAccount(**owner)
    if found is None:
        # Two that ask at once: one row is made, both get it.
        VendorAccount.objects.bulk_create([VendorAccount(**owner)], ignore_conflicts=True)
        found = VendorAccount.objects.get(**owner)
    return found


def current(account: VendorAccount) -> Values:
    """Return what is in use: what is stored, else, for the installation's account,
    what the environment says.
    """
    values = stored(account)
    if account.organization_id is not None:
        return values
    missing = [field for field in vendor_of(account).fields if field.name not in values]
    others = {field.name: in_environment(field, account.label) for field in missing}
    return values.with_others(others).that_are_set()


def stored(account: VendorAccount) -> Values:
    """Return what is stored and in use, whatever the environment says."""
    fields = vendor_of(account).fields
    secrets = _secrets(account, Slot.CURRENT)
    found: dict[str, str | Secret] = {}
    for field in fields:
        value = secrets.get(field.name) if field.secret else account.values.get(field.name)
        if value:
            found[field.name] = value
    return Values(found, [field.name for field in fields if not field.tried])


def plain(account: VendorAccount, name: str) -> str:
    """Return a value in use that is no secret, without a look at the secrets;
    '' where there is none.
    """
    field = next(
        field for field in vendor_of(account).fields if field.name == name and not field.secret
    )
    value = account.values.get(name) or ""
    if not value and account.organization_id is None:
        value = in_environment(field, account.label)
    return str(value)


def staged(account: VendorAccount) -> Values:
    """Return what would be in use once what waits has worked."""
    return (
        current(account)
        .with_others({**account.next_values, **_secrets(account, Slot.NEXT)})
        .that_are_set()
    )


def has_next(account: VendorAccount) -> bool:
    """Tell whether something waits until it has worked."""
    return bool(account.next_values or _secrets(account, Slot.NEXT))


def masked(account: VendorAccount) -> dict[str, str]:
    """Return every value as it may be shown: secrets as their masks, bullets where one cannot
    be opened any more.
    """
    values = current(account)
    shown = {}
    for field in vendor_of(account).fields:
        value = values.get(field.name, "")
        if isinstance(value, Secret):
            value = _mask(field, value)
        shown[field.name] = value
    return shown


def _mask(field: Field, secret: Secret) -> str:
    try:
        return field.mask(secret.reveal())
    except CannotOpen:
        return BULLETS


def _secrets(account: VendorAccount, slot: str) -> dict[str, Any]:
    # All of them, and not the slot's: what was read for many accounts at once is used.
    return {row.field: row.value for row in account.secrets.all() if row.slot == slot}


def in_environment(field: Field, label: str = "") -> "str | Secret":
    """Return what the environment says of a field, for the account of this label;
    '' where it says nothing.
    """
    text = ""
    if field.env:
        text = os.environ.get(field.env.format(LABEL=_as_variable(label)), "")
    if text and field.secret:
        return Secret(text)
    return text


def _as_variable(label: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", label.upper()).strip("_")


def in_clear(value: "str | Secret") -> str:
    """Return a value as it is; CannotOpen for a secret that no key of ours opens."""
    if isinstance(value, Secret):
        return value.reveal()
    return value

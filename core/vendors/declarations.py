"""What an app declares of a vendor: the fields of an account, how a connection is tried,
and what is synced.

TOY = vendors.declare(
    Vendor(
        "toy",
        "Toy",
        fields=(
            Field("address", _("Address"), check=check_address),
            Field("api_key", _("API key"), secret=True),
        ),
        probes=(Probe(_("The key is taken"), who_am_i),),
    )
)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import ledger, runs
from core.errors import VENDOR_NAMES
from core.http import addresses
from core.masking import Secret, mask_api_key
from core.models.vendors import NAMES
from core.words.sayings import Text

if TYPE_CHECKING:
    from core.models import VendorAccount
    from core.vendors.values import Values

LONGEST: Final = 500
THIS_SERVICE: Final = _("this service")
ADVICE: Final = _(
    "Test the connection in the settings, and enter another key if this one is refused."
)
INCOMPLETE: Final = _("Something is missing. Fill in every field and test again.")
FOR_EVERYBODY: Final = _("Nothing new comes in at the moment. Your agency is told.")


def accept(_value: str) -> None:
    """Take any value."""


def check_address(value: str) -> None:
    """Raise ValidationError for an address that calls could not go to."""
    try:
        addresses.parse(value)
    except addresses.Refused as error:
        raise ValidationError(str(error.text) % {"vendor": THIS_SERVICE}, code="invalid") from error


@dataclass(frozen=True, slots=True)
class Field:
    """One value of an account.

    `check` raises ValidationError for what cannot be one. A secret is sealed, and shown as its
    `mask`. `env` names the variable that answers for the installation's account where nothing is
    stored; in it `{LABEL}` stands for the account's label (`long-run` is `LONG_RUN`). Of what is
    not `tried` a test of the connection learns nothing: it is in use as soon as it is entered, and
    leaves the state as it is. Secrets are sent to what is an address or `is_destination`: where it
    changes, they are entered again. So they are where a value is chosen that stands behind the one
    in use among `strengths`, which has the best protected way of sending first.
    """

    name: str
    label: Text
    secret: bool = False
    required: bool = True
    tried: bool = True
    check: Callable[[str], None] = accept
    env: str = ""
    mask: Callable[[str], str] = mask_api_key
    help: Text = ""
    placeholder: Text = ""
    longest: int = LONGEST
    # Whether people type it; else a button of its own sets it.
    typed: bool = True
    kind: str = "text"
    options: Sequence[tuple[str, Text]] = ()
    default: str = ""
    shown_if: str = ""
    is_destination: bool = False
    strengths: Sequence[str] = ()

    def applies_to(self, values: Mapping[str, "str | Secret"]) -> bool:
        """Tell whether the field is for an account with these values."""
        if not self.shown_if:
            return True
        name, _equals, wanted = self.shown_if.partition("=")
        return values.get(name, "") in wanted.split("|")


@dataclass(frozen=True, slots=True)
class Found:
    """What a step of a test found: the words for it, and facts for the page."""

    text: Text = ""
    facts: Mapping[str, Any] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probe:
    """One step of a test: `ask` calls the vendor, and gives what to say of it;
    it raises VendorError where it fails.
    """

    name: Text
    ask: Callable[["VendorAccount", "Values"], "Text | Found"]


@dataclass(frozen=True, slots=True, eq=False)
class Vendor:
    """A service that accounts are connected to.

    `advice`: what to do when a key stops working, for those who can do it; `for_everybody`: what
    members of the organizations read of the installation's; `incomplete`: what a test says where a
    value is missing. `sync` fetches an account's records; `source` proves them. `name_of` names an
    account where its own words do not, `cause` is what its incident begins with, and `has_own_page`
    says that the general page is not for its accounts. With `groups_outages` an account's incident
    is of its key alone: somebody else makes one for all of a host that does not answer.
    """

    key: str
    name: str
    fields: Sequence[Field]
    probes: Sequence[Probe]
    advice: Text = ADVICE
    for_everybody: Text = FOR_EVERYBODY
    sync: runs.Kind | None = None
    source: ledger.Source | None = None
    incomplete: Text = INCOMPLETE
    name_of: Callable[["VendorAccount"], str] | None = None
    cause: str = "account"
    has_own_page: bool = False
    groups_outages: bool = False

    def field(self, name: str) -> Field:
        """Return the field of this name, or raise KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def boxes(self) -> list[Field]:
        """The fields that people type into."""
        return [field for field in self.fields if field.typed]

    @property
    def secrets(self) -> list[Field]:
        return [field for field in self.fields if field.secret]


_declared: dict[str, Vendor] = {}


def declare(vendor: Vendor) -> Vendor:
    """Make the vendor known. Once per key."""
    if _declared.setdefault(vendor.key, vendor) is not vendor:
        raise ValueError(f"The vendor {vendor.key} is declared twice")
    VENDOR_NAMES[vendor.key] = vendor.name
    if vendor.name_of is not None:
        NAMES[vendor.key] = vendor.name_of
    if vendor.sync is not None:
        runs.declare(vendor.sync)
    if vendor.source is not None:
        ledger.declare(vendor.source)
    return vendor


def declared() -> list[Vendor]:
    """Return every known vendor, in the order of their names."""
    return sorted(_declared.values(), key=lambda vendor: vendor.name.casefold())


def find(key: str) -> Vendor | None:
    """Return the vendor of this key; None for one that no code declares any more."""
    return _declared.get(key)


def vendor_of(account: "VendorAccount") -> Vendor:
    """Return the vendor of an account; LookupError where no code declares it any more."""
    vendor = find(account.vendor)
    if vendor is None:
        raise LookupError(f"No vendor {account.vendor} is declared")
    return vendor

"""Email Bison's instances: each is an account at the vendor, declared by its fields,
with two super-admin keys.

The one that `active_key` names is used. The other is there for the day on which that is revoked.
"""

from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bison import client
from bison.models import Instance
from core import vendors
from core.http import CallContext
from core.masking import Secret, mask_bison_key
from core.models import VendorAccount
from core.vendors import Field, Probe, Values, Vendor
from core.words.digits import are_digits

MAIN: Final = "main"
BACKUP: Final = "backup"
# As answers and forms offer them.
CHOICES: Final = ((MAIN, MAIN), (BACKUP, BACKUP))
FIELD_OF: Final = {MAIN: "super_admin_key", BACKUP: "backup_key"}

SHORTEST_TEXT: Final = 16
BAD_KEY: Final = _(
    "A key of Email Bison is a number, a bar and a long text: 12|abc… Copy all of it."
)
BAD_CHOICE: Final = _("Choose main or backup.")
NO_ADDRESS: Final = _("Enter the host that Email Bison runs on for you, as in send.example.com.")
NO_BACKUP: Final = _("There is no backup key to switch to.")


def check_key(value: str) -> None:
    """Raise ValidationError for what cannot be a key of Email Bison."""
    number, _bar, text = value.partition("|")
    is_number = are_digits(number, len(number))
    is_plain = value.isascii() and value.isprintable() and " " not in value
    if not is_number or not is_plain or len(text) < SHORTEST_TEXT:
        raise ValidationError(BAD_KEY, code="invalid")


def check_host(value: str) -> None:
    """Raise ValidationError for an address that calls could not go to,
    once it is put into its usual form.
    """
    if not urlsplit(client.base_url(value)).hostname:
        raise ValidationError(NO_ADDRESS, code="invalid")
    vendors.check_address(client.base_url(value))


def check_choice(value: str) -> None:
    """Raise ValidationError for what names neither of the two keys."""
    if value not in FIELD_OF:
        raise ValidationError(BAD_CHOICE, code="invalid")


def who_am_i(account: VendorAccount, values: Values) -> str:
    """Return whose key it is, and where that person is just now."""
    context = CallContext(
        instance=account.label, api_key_type="super_admin", function_name="test_instance"
    )
    made = client.client_of(
        values.text("base_url"), active_key(values), context, on_answer=values.note_answer
    )
    me = client.who_am_i(made)
    return f"{me.name}, {me.workspace_name}"


BISON: Final = Vendor(
    client.VENDOR,
    "Email Bison",
    fields=(
        Field(
            "base_url",
            _("Address"),
            check=check_host,
            env="{LABEL}_BISON_BASE_URL",
            placeholder="https://send.example.com",
            is_destination=True,
        ),
        Field(
            "super_admin_key",
            _("Super-admin key"),
            secret=True,
            check=check_key,
            env="{LABEL}_BISON_API_KEY",
            mask=mask_bison_key,
        ),
        Field(
            "backup_key",
            _("Backup key"),
            secret=True,
            required=False,
            check=check_key,
            env="{LABEL}_BISON_BACKUP_API_KEY",
            mask=mask_bison_key,
        ),
        Field("active_key", _("Key in use"), required=False, check=check_choice, typed=False),
    ),
    probes=(Probe(_("The key is accepted"), who_am_i),),
    has_own_page=True,
)


def active_choice(values: Values) -> str:
    """Return which of the two keys is used."""
    return values.text("active_key") or MAIN


def active_key(values: Values) -> Secret:
    """Return the super-admin key in use, or raise KeyError where it is not set."""
    return values.secret(FIELD_OF[active_choice(values)])


def with_active_key() -> set[UUID]:
    """Return the ids of the instances that have a super-admin key to call with."""
    found = set()
    for instance in Instance.objects.select_related("account"):
        values = vendors.current(instance.account)
        if FIELD_OF[active_choice(values)] in values:
            found.add(instance.pk)
    return found


def create(slug: str, name: str) -> Instance:
    """Return the instance of this slug, made with its account where there is none."""
    account = vendors.account_of(BISON, None, slug)
    instance, _is_new = Instance.objects.get_or_create(
        slug=slug, defaults={"name": name, "account": account}
    )
    return instance


def use_key(instance: Instance, choice: str, *, actor: Any, request: Any = None) -> vendors.Saved:
    """Switch to the main or the backup key, at once, and try it."""
    if not vendors.current(instance.account).get(FIELD_OF.get(choice, "")):
        raise ValidationError({"key": NO_BACKUP})
    return vendors.save(
        instance.account, {"active_key": choice}, actor=actor, request=request, insist=True
    )

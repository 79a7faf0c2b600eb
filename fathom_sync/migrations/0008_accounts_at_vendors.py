"""Keys, secrets and states of Fathom's accounts move to core.vendors, each sealed anew for its new place.

A value that no key of ours opens is named and stays where it lies, as it could be opened nowhere else. A copy of it in
the new place shows what it is: stored, and not to be opened. The way back is the same; a key that waits until it has
worked has no place in the earlier release, is named and stays.
"""

import os
import sys
from datetime import datetime
from typing import Any

from django.db import migrations
from django.utils import timezone

from core.secrets import crypto
from core.secrets.crypto import CannotOpen, Place
from core.secrets.fields import Ciphertext

VENDOR = "fathom"
KEY = "fathom_api_key"
OWN = {KEY: "own_api_key", "fathom_webhook_secret": "own_webhook_secret"}
STATUS, LAST_TEST = "fathom_connection_status", "fathom_last_test"
STATES = ("connected", "error")
CANNOT_OPEN = "A value of Fathom's cannot be opened with the keys that are set, and stays where it is: {}\n"
WAITS = "A new key for Fathom waits, for which the earlier release has no place. It stays where it is: {}\n"


class _House:
    """The models as they are at this migration."""

    def __init__(self, apps: Any) -> None:
        self.accounts = apps.get_model("fathom_sync", "FathomAccount").objects
        self.settings = apps.get_model("core", "SystemSetting").objects
        self.links = apps.get_model("core", "VendorAccount").objects
        self.secrets = apps.get_model("core", "VendorSecret").objects
        self.organizations = apps.get_model("crm", "Organization").objects

    def setting(self, account: Any, name: str) -> Any:
        """Return the row of a setting, stored or not."""
        scope = {"setting_key": name, "organization_id": account.organization_id}
        return self.settings.filter(**scope).first() or self.settings.model(**scope)

    def earlier_row(self, account: Any, name: str) -> tuple[Any, str]:
        """Return the row and the column in which the earlier release has a value."""
        if account.rep_id:
            return account, OWN[name]
        return self.setting(account, name), "setting_value"


def forward(apps: Any, _editor: Any) -> None:
    """Move what is stored, and what is known of it."""
    house = _House(apps)
    _make_rows(house)
    for account in house.accounts.order_by("created_at", "pk"):
        own = {"vendor": VENDOR, "organization_id": account.organization_id, "label": str(account.rep_id or "")}
        link, _made = house.links.get_or_create(pk=account.pk, defaults=own)
        key = ""
        for name in OWN:
            clear = _move(house, account, link, name)
            if name == KEY:
                key = clear
        _move_state(house, account, link, key or _from_environment(account))


def backward(apps: Any, _editor: Any) -> None:
    """Bring them back to where the earlier release looks for them."""
    house = _House(apps)
    for account in house.accounts.order_by("created_at", "pk"):
        link = house.links.filter(pk=account.pk).first()
        if link is None:
            continue
        key = ""
        for secret in house.secrets.filter(account=link):
            clear = _bring_back(house, account, secret)
            if secret.field == KEY:
                key = clear or key
        _bring_state_back(house, account, link, key or _from_environment(account))
        if not house.secrets.filter(account=link).exists():
            link.delete()


def _make_rows(house: _House) -> None:
    """Make the row of each account that nobody has looked at since its key was set."""
    names = house.settings.filter(setting_key__in=OWN).values_list("organization_id", flat=True)
    for organization_id in set(names):
        if organization_id is None or house.organizations.filter(pk=organization_id).exists():
            house.accounts.get_or_create(organization_id=organization_id, rep=None)


def _move(house: _House, account: Any, link: Any, name: str) -> str:
    """Move one value, and return it in clear; '' where there is none that can be opened."""
    row, column = house.earlier_row(account, name)
    sealed = _sealed(row, column)
    if sealed is None:
        return ""
    secret = house.secrets.filter(account=link, field=name, slot="current").first()
    secret = secret or house.secrets.model(account=link, field=name, slot="current")
    secret.entered_at = getattr(row, "updated_at", None) or timezone.now()
    secret.entered_by_id = getattr(row, "updated_by_id", None)
    clear = _opened(row, column, sealed)
    secret.value = clear or ""
    secret.save()
    if clear is None:
        house.secrets.filter(pk=secret.pk).update(value=Ciphertext(sealed))
        return ""
    if account.rep_id:
        house.accounts.filter(pk=account.pk).update(**{column: None})
    else:
        row.delete()
    return clear


def _bring_back(house: _House, account: Any, secret: Any) -> str:
    """Bring one value back, and return it in clear; '' where it cannot be."""
    if secret.slot != "current":
        sys.stdout.write(WAITS.format(_named(_place(secret, "value"))))
        return ""
    row, column = house.earlier_row(account, secret.field)
    sealed = _sealed(secret, "value") or ""
    if _sealed(row, column) == sealed:
        # A copy of what has never left.
        house.secrets.filter(pk=secret.pk).delete()
        return ""
    clear = _opened(secret, "value", sealed)
    if clear is None:
        return ""
    setattr(row, column, clear)
    if not account.rep_id:
        row.updated_by_id = secret.entered_by_id
    row.save()
    house.secrets.filter(pk=secret.pk).delete()
    return clear


def _move_state(house: _House, account: Any, link: Any, key: str) -> None:
    """Take over what is known of this key; what was known of another says nothing."""
    state, tested = account.own_status, account.own_last_test
    if not account.rep_id:
        state, tested = _take_setting(house, account, STATUS), _moment(_take_setting(house, account, LAST_TEST))
    if not key or state not in STATES or account.checked_key != _mark("fathom-key", key):
        return
    link.state, link.tried_with = state, _mark("vendor-account", f"{KEY}={key}")
    link.state_since = link.last_checked_at = account.status_at
    link.last_tested_at = tested
    if state == "connected":
        link.last_good_at = account.status_at
    link.save()


def _bring_state_back(house: _House, account: Any, link: Any, key: str) -> None:
    """Write what is known of this key as the earlier release reads it."""
    if not key or link.state not in STATES or link.tried_with != _mark("vendor-account", f"{KEY}={key}"):
        return
    account.checked_key, account.status_at = _mark("fathom-key", key), link.last_checked_at
    if account.rep_id:
        account.own_status, account.own_last_test = link.state, link.last_tested_at
    account.save(update_fields=["checked_key", "status_at", "own_status", "own_last_test"])
    if account.rep_id:
        return
    moment = ""
    if link.last_tested_at:
        moment = link.last_tested_at.isoformat()
    for name, text in ((STATUS, link.state), (LAST_TEST, moment)):
        row = house.setting(account, name)
        row.setting_value = text or None
        row.save()


def _take_setting(house: _House, account: Any, name: str) -> str:
    """Return what Koppel noted there, and take it away: it is learned anew where it cannot be read."""
    row = house.setting(account, name)
    sealed = _sealed(row, "setting_value")
    if sealed is None:
        return ""
    try:
        text = crypto.open_sealed(sealed, _place(row, "setting_value"))
    except CannotOpen:
        text = ""
    row.delete()
    return text


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _from_environment(account: Any) -> str:
    """Return the key that the installation's account takes where none is stored."""
    if account.organization_id:
        return ""
    return os.environ.get("FATHOM_API_KEY", "")


def _opened(row: Any, column: str, sealed: str) -> str | None:
    """Return a value in clear; None, and it is named, where it cannot be opened."""
    place = _place(row, column)
    try:
        return crypto.open_sealed(sealed, place)
    except CannotOpen:
        sys.stdout.write(CANNOT_OPEN.format(_named(place)))
        return None


def _sealed(row: Any, column: str) -> str | None:
    """Return a column as it is stored; None where there is nothing."""
    found = type(row)._base_manager.filter(pk=row.pk).values_list(column, flat=True).first()
    if found is None:
        return None
    text: str = found.text
    return text


def _place(row: Any, column: str) -> Place:
    return Place(row._meta.db_table, str(row.pk), column)


def _named(place: Place) -> str:
    return f"{place.table} {place.row} {place.field}"


def _mark(purpose: str, text: str) -> str:
    return crypto.mac(purpose, text.encode("utf-8", "surrogatepass"))


# Incidents are headed as core.vendors heads them, so that those that are open go on being read in every language.
EARLIER_TITLE = "Fathom cannot be reached with the key of %(account)s"
TITLE = "%(vendor)s cannot be reached with the key of %(account)s"
HEAD = """
UPDATE incidents SET sentences =
    jsonb_set(jsonb_set(sentences, '{{title,text}}', '"{new}"'), '{{title,facts,vendor}}', '"Fathom"')
WHERE cause LIKE 'fathom_account:%' AND sentences->'title'->>'text' = '{old}'
"""


class Migration(migrations.Migration):
    dependencies = [("fathom_sync", "0007_runs_know_their_account"), ("core", "0016_last_tested")]

    operations = [
        migrations.RunPython(forward, backward),
        migrations.RunSQL(
            HEAD.format(new=TITLE, old=EARLIER_TITLE),
            HEAD.format(new=EARLIER_TITLE, old=TITLE),
        ),
    ]

"""What is entered of an account: checked, stored, tried;
a new key takes a working one's place only once it worked.

Whichever way a value comes in (page, API, admin, command), it is stored by `save()`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.connections import Connection, TestResult
from core.http import turns
from core.masking import Secret, is_mask
from core.models import VendorAccount, VendorSecret
from core.secrets.crypto import CannotOpen
from core.vendors import checking, destinations, status
from core.vendors.declarations import Field, Vendor, vendor_of
from core.vendors.values import Values, current, staged, stored

Slot = VendorSecret.Slot
Entered = Mapping[str, "str | Secret | None"]
Changes = dict[str, str]

NOTHING_STORED: Final = gettext_lazy(
    "This is how a stored key is shown, but none is stored here. Paste the key itself."
)
TOO_LONG: Final = gettext_lazy("This is too long. Copy it again.")
NULL: Final = gettext_lazy("Null characters are not allowed.")


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written, untried: the fields that differ, and whether a test has
    something to say of it.

    `waits`: the values that were in use are kept until the new ones have worked.
    """

    names: frozenset[str] = frozenset()
    is_to_be_tried: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it, in words, and what the test of it found;
    `waits`: the earlier values stay in use.
    """

    message: str
    result: TestResult | None = None
    waits: bool = False


def save(
    account: VendorAccount,
    entered: Entered,
    *,
    actor: Any,
    request: Any = None,
    insist: bool = False,
) -> Saved:
    """Store what was entered, all of it or nothing, and try it.

    None or a mask keeps what is stored, '' removes it; ValidationError by field for what cannot be
    one. Where the account works, new values wait beside those in use until they have worked, unless
    the person insists. Busy is raised, and nothing stored, where too many wait for vendors.
    """
    written = store(
        account, entered, actor=actor, request=request, insist=insist, is_tried_next=True
    )
    if not written.names:
        return Saved(_("Nothing was changed."))
    if written.waits:
        return use_next(account, actor=actor, request=request, insist=False)
    if not written.is_to_be_tried:
        return Saved(_("Saved."))
    result = checking.check(account, actor=actor, request=request)
    if result.success:
        return Saved(_("Saved, and the connection works."), result)
    return Saved(_("Saved, but the connection failed: %(why)s") % {"why": result.message}, result)


def store(
    account: VendorAccount,
    entered: Entered,
    *,
    actor: Any,
    request: Any = None,
    insist: bool = False,
    is_tried_next: bool = False,
) -> Stored:
    """Write what was entered, as `save` does, and leave it to the caller to have it tried.

    With `is_tried_next` Busy is raised before anything is written.
    """
    vendor = vendor_of(account)
    changes = _changes(vendor, account, entered)
    if not changes:
        return Stored()
    destinations.refuse_kept_secrets(vendor, current(account), entered)
    tried = {name for name in changes if vendor.field(name).tried}
    if is_tried_next and tried:
        turns.take()
    with transaction.atomic():
        locked = VendorAccount.objects.select_for_update().get(pk=account.pk)
        # Asked under the lock: another may have entered a key that works meanwhile.
        works = status.state_of(locked).state is Connection.CONNECTED
        # What is only taken away needs no trial.
        has_new = any(changes[name] for name in tried)
        waits = works and has_new and not insist
        slots = dict.fromkeys(changes, Slot.CURRENT)
        if waits:
            slots |= dict.fromkeys(tried, Slot.NEXT)
        _write(vendor, locked, changes, slots, actor, request)
        is_whole = current(locked).are_enough_for(vendor)
    account.refresh_from_db()
    if not is_whole:
        status.end_incident(account, unless_whole=True)
    return Stored(frozenset(changes), bool(tried) and is_whole, waits)


def use_next(
    account: VendorAccount, *, actor: Any, request: Any = None, insist: bool = True
) -> Saved:
    """Try what waits, and put it in use once it has worked, or where the person insists."""
    waiting = staged(account)
    result, failure, is_known = checking.probe(account, waiting, tried_by=actor)
    if not result.success and not insist:
        _record_test(account, result, actor, request)
        message = _("The new key does not work, so the present one stays in use: %(why)s") % {
            "why": result.message
        }
        return Saved(message, result, waits=True)
    if not _promote(account, waiting, actor, request):
        return Saved(_("Something else was entered meanwhile. Look again."), result, waits=True)
    _record_test(account, result, actor, request)
    if is_known:
        status.report(
            account, waiting, failure, tested=True, is_outage=checking.is_outage(result.failure)
        )
    if result.success:
        return Saved(_("The new key works and is in use now."), result)
    return Saved(_("Saved, but the connection failed: %(why)s") % {"why": result.message}, result)


def discard_next(account: VendorAccount, *, actor: Any, request: Any = None) -> bool:
    """Let go of what waits, and tell whether there was anything."""
    with transaction.atomic():
        locked = VendorAccount.objects.select_for_update().get(pk=account.pk)
        removed, _by_model = locked.secrets.filter(slot=Slot.NEXT).delete()
        if not removed and not locked.next_values:
            return False
        locked.next_values = {}
        locked.save(update_fields=["next_values"])
        _record("key.discarded", locked, actor, request)
    account.refresh_from_db()
    return True


def remove(account: VendorAccount, *, actor: Any, request: Any = None) -> None:
    """Remove the account with all of its values."""
    with transaction.atomic():
        _record("account.removed", account, actor, request, vendor=account.vendor)
        # By the query: the object keeps its id, which its incident is found by.
        VendorAccount.objects.filter(pk=account.pk).delete()
    status.end_incident(account)


def reveal(account: VendorAccount, name: str, *, actor: Any, request: Any = None) -> str:
    """Return a secret in clear, and keep that it was read.
    Whether the person may is the caller's to know.
    """
    secret = current(account).secret(name)
    with transaction.atomic():
        _record("secret.revealed", account, actor, request, key=name)
    return secret.reveal()


def _changes(vendor: Vendor, account: VendorAccount, entered: Entered) -> Changes:
    """Return what differs from what is stored; ValidationError by field."""
    values, in_place = current(account), stored(account)
    # What is entered again as it is in use ends what waits for that field.
    waiting = {
        *account.next_values,
        *account.secrets.filter(slot=Slot.NEXT).values_list("field", flat=True),
    }
    changes: Changes = {}
    errors: dict[str, ValidationError] = {}
    for name, value in entered.items():
        field = vendor.field(name)
        if value is None:
            continue
        text = value.reveal() if isinstance(value, Secret) else value
        try:
            _check(field, values, text.strip())
        except ValidationError as error:
            errors[name] = error
            continue
        is_kept = field.secret and is_mask(text)
        is_another = name in waiting or text.strip() != _stored_text(in_place, name)
        if not is_kept and is_another:
            changes[name] = text.strip()
    if errors:
        raise ValidationError(errors)
    return changes


def _check(field: Field, values: Values, text: str) -> None:
    if not text:
        return
    if field.secret and is_mask(text):
        if field.name not in values:
            raise ValidationError(NOTHING_STORED, code="invalid")
        return
    check_value(field, text)


def check_value(field: Field, text: str) -> None:
    """Raise ValidationError for what cannot be a value of the field."""
    if "\x00" in text:
        raise ValidationError(NULL, code="null_characters_not_allowed")
    if len(text) > field.longest:
        raise ValidationError(TOO_LONG, code="too_long")
    field.check(text)


def _stored_text(values: Values, name: str) -> str | None:
    """Return what is in use in clear; None for what cannot be opened any more,
    which anything replaces.
    """
    value = values.get(name, "")
    try:
        if isinstance(value, Secret):
            return value.reveal()
        return value
    except CannotOpen:
        return None


def _write(
    vendor: Vendor,
    account: VendorAccount,
    changes: Changes,
    slots: Mapping[str, str],
    actor: Any,
    request: Any,
) -> None:
    """Write the values into their slots; what waited for the same fields is over."""
    before = current(account)
    for name, text in changes.items():
        slot = slots[name]
        if vendor.field(name).secret:
            _write_secret(account, name, text, slot, actor)
        else:
            _write_text(account, name, text, slot)
        _record_change(vendor, account, name, before, text, slot, actor, request)
    columns = ["values", "next_values"]
    if any(vendor.field(name).tried for name, slot in slots.items() if slot == Slot.CURRENT):
        columns += account.begin_untried()
    account.save(update_fields=columns)


def _write_secret(account: VendorAccount, name: str, text: str, slot: str, actor: Any) -> None:
    account.secrets.filter(field=name, slot__in={slot, Slot.NEXT}).delete()
    # Of what waits, an empty one says that the field is to be empty.
    if text or slot == Slot.NEXT:
        person = None
        if getattr(actor, "is_authenticated", False):
            person = actor
        VendorSecret.objects.create(
            account=account,
            field=name,
            slot=slot,
            value=text,
            entered_at=timezone.now(),
            entered_by=person,
        )


def _write_text(account: VendorAccount, name: str, text: str, slot: str) -> None:
    account.next_values.pop(name, None)
    values = account.values
    if slot == Slot.NEXT:
        values = account.next_values
    values.pop(name, None)
    if text or slot == Slot.NEXT:
        values[name] = text


def _promote(account: VendorAccount, waiting: Values, actor: Any, request: Any) -> bool:
    """Put in use what waits, if that is still what was tried."""
    with transaction.atomic():
        locked = VendorAccount.objects.select_for_update().get(pk=account.pk)
        if staged(locked).fingerprint != waiting.fingerprint:
            return False
        names = list(locked.secrets.filter(slot=Slot.NEXT).values_list("field", flat=True))
        locked.secrets.filter(slot=Slot.CURRENT, field__in=names).delete()
        for secret in locked.secrets.filter(slot=Slot.NEXT):
            if not secret.value:
                secret.delete()
        locked.secrets.filter(slot=Slot.NEXT).update(slot=Slot.CURRENT)
        values = {**locked.values, **locked.next_values}
        locked.values = {name: text for name, text in values.items() if text}
        fields = sorted({*names, *locked.next_values})
        locked.next_values = {}
        columns = ["values", "next_values"]
        if fields:
            columns += locked.begin_untried()
        locked.save(update_fields=columns)
        _record("key.promoted", locked, actor, request, fields=fields)
    account.refresh_from_db()
    return True


def _record_change(
    vendor: Vendor,
    account: VendorAccount,
    name: str,
    before: Values,
    text: str,
    slot: str,
    actor: Any,
    request: Any,
) -> None:
    action = "setting.changed"
    if vendor.field(name).secret:
        action = "key.changed"
        if not text and slot == Slot.CURRENT:
            action = "key.removed"
    _record(
        action,
        account,
        actor,
        request,
        old=_stored_text(before, name) or None,
        new=text or None,
        key=name,
        slot=slot,
    )


def _record_test(account: VendorAccount, result: TestResult, actor: Any, request: Any) -> None:
    with transaction.atomic():
        _record("connection.tested", account, actor, request, success=result.success, stored=False)


def _record(action: str, account: VendorAccount, actor: Any, request: Any, **facts: Any) -> None:
    audit.record(
        action,
        actor=actor,
        target=account,
        request=request,
        organization_id=account.organization_id,
        **facts,
    )

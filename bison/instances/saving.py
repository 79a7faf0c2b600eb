"""What is entered of an instance: its name, its address, its two keys,
and when the key is to be replaced.

The address and the keys are its account's: a new super-admin key waits until
it has worked (core.vendors).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.instances import declaring
from bison.models import Instance, Workspace
from core import audit, vendors
from core.masking import Secret
from core.secrets.crypto import CannotOpen
from core.vendors import destinations

QUARTER: Final = timedelta(days=91)
TAKEN: Final = _("There is an instance with this slug already.")
BAD_SLUG: Final = _("Letters, numbers, hyphens: as in long-run.")
NO_NAME: Final = _("Enter a name.")
KEYS_WOULD_GO: Final = _(
    "Workspaces have keys of their own, which would be sent to the new host. It takes somebody who "
    "may read keys."
)
READS_KEYS: Final = "core.reveal_secret"
OF_ACCOUNT: Final = ("base_url", "super_admin_key", "backup_key")
LONGEST_SLUG: Final = 60


def add(
    slug: str, name: str, entered: Mapping[str, Any], *, actor: Any, request: Any = None
) -> vendors.Saved:
    """Make an instance with its address and keys, and try them; ValidationError by field,
    and nothing made.
    """
    _check(slug, name)
    with transaction.atomic():
        if Instance.objects.filter(slug=slug).exists():
            raise ValidationError({"slug": ValidationError(TAKEN, code="taken")})
        _check_account(entered)
        instance = declaring.create(slug, name.strip())
        _record(instance, ["slug", "name"], actor, request)
    return change(instance, entered, actor=actor, request=request)


def change(
    instance: Instance,
    entered: Mapping[str, Any],
    *,
    actor: Any,
    request: Any = None,
    insist: bool = False,
) -> vendors.Saved:
    """Store what was entered of name, address, keys and rotation;
    what was not entered stays as it is.
    """
    of_account = {name: entered[name] for name in OF_ACCOUNT if name in entered}
    before = key_in_use(instance)
    saved = vendors.Saved("")
    _refuse_another_host(instance, of_account, actor)
    if of_account:
        saved = vendors.save(
            instance.account, of_account, actor=actor, request=request, insist=insist
        )
    own: dict[str, Any] = {
        name: entered[name] for name in ("name", "rotation_due_at") if name in entered
    }
    if "name" in own and not str(own["name"]).strip():
        raise ValidationError({"name": ValidationError(NO_NAME, code="required")})
    if key_in_use(instance) != before and "rotation_due_at" not in own:
        own["rotation_due_at"] = next_rotation()
    _write(instance, own, actor, request)
    return saved


def use_next(
    instance: Instance, *, actor: Any, request: Any = None, insist: bool = True
) -> vendors.Saved:
    """Put the key that waits in use once it has worked, and begin the time until its rotation."""
    before = key_in_use(instance)
    saved = vendors.use_next(instance.account, actor=actor, request=request, insist=insist)
    if key_in_use(instance) != before:
        _write(instance, {"rotation_due_at": next_rotation()}, actor, request)
    return saved


def next_rotation() -> datetime:
    """Return when a super-admin key that is stored now is to be replaced:
    in a quarter of a year.
    """
    return timezone.now() + QUARTER


def key_in_use(instance: Instance) -> Secret | None:
    """Return the main super-admin key; None for none, and for one that cannot
    be opened any more.
    """
    found = vendors.current(instance.account).get("super_admin_key")
    try:
        if isinstance(found, Secret) and found.reveal():
            return Secret(found.reveal())
    except CannotOpen:
        return None
    return None


def _refuse_another_host(instance: Instance, entered: Mapping[str, Any], actor: Any) -> None:
    """Raise ValidationError where workspaces' keys would go to another host,
    and the person may not read them.
    """
    in_use = vendors.current(instance.account)
    if not in_use.get("base_url"):
        return
    after = {**in_use, **{name: value for name, value in entered.items() if value is not None}}
    if not destinations.lead_elsewhere(declaring.BISON, in_use, after):
        return
    if not hasattr(actor, "has_perm") or actor.has_perm(READS_KEYS):
        return
    keys = Q(next_api_key__isnull=False) | Q(bison_api_key__isnull=False)
    if Workspace.objects.filter(keys, instance=instance).exists():
        raise ValidationError({"base_url": ValidationError(KEYS_WOULD_GO, code="not_permitted")})


def _write(instance: Instance, values: Mapping[str, Any], actor: Any, request: Any) -> None:
    with transaction.atomic():
        locked = Instance.objects.select_for_update().get(pk=instance.pk)
        changed = [name for name, value in values.items() if getattr(locked, name) != value]
        if not changed:
            return
        for name in changed:
            setattr(locked, name, values[name])
        locked.save(update_fields=[*changed, "updated_at"])
        _record(locked, changed, actor, request)
    instance.refresh_from_db()


def _record(instance: Instance, fields: list[str], actor: Any, request: Any) -> None:
    audit.record(
        "bison.instance_changed", actor=actor, target=instance, request=request, fields=fields
    )


def _check(slug: str, name: str) -> None:
    errors: dict[str, ValidationError] = {}
    try:
        validate_slug(slug)
    except ValidationError:
        errors["slug"] = ValidationError(BAD_SLUG, code="invalid")
    if len(slug) > LONGEST_SLUG:
        errors["slug"] = ValidationError(BAD_SLUG, code="invalid")
    if not name.strip():
        errors["name"] = ValidationError(NO_NAME, code="required")
    if errors:
        raise ValidationError(errors)


def _check_account(entered: Mapping[str, Any]) -> None:
    """Raise before anything is made for what the account would refuse."""
    errors: dict[str, ValidationError] = {}
    for name in OF_ACCOUNT:
        value = entered.get(name)
        if not value:
            continue
        try:
            declaring.BISON.field(name).check(str(value).strip())
        except ValidationError as error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)

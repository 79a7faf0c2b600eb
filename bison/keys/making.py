"""Keys made at the vendor: with the instance's super-admin key, for a workspace that it need
not be moved to.

The vendor shows a token once, and has no way to list or take tokens back. So before a token is
asked for, that is written down: where the answer does not reach us, the next attempt makes another
and says that one is lost there.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from bison import instances
from bison.client import VENDOR, Odd, client_of, data_of
from bison.instances import check_key
from bison.keys import entering, slots
from bison.keys.choosing import NO_ADDRESS, NoKey
from bison.keys.entering import Saved
from bison.models import Workspace
from core import vendors
from core.errors import Conflicting, Misconfigured, Temporary, VendorError
from core.http import CallContext, Client, turns
from core.masking import Secret, mask_bison_key

# Longer than the call may take.
LEASE: Final = timedelta(seconds=180)
UNDER_WAY: Final = _("A key is being made for this workspace already. Look again in a moment.")
GONE: Final = _("Email Bison does not list this workspace any more. No key can be made for it.")
LOST: Final = _(
    "An earlier token may be left at Email Bison that nobody has. Delete it there: “%(name)s”."
)


class UnderWay(Conflicting):
    """Another has a key made for the same workspace."""

    conflict = "under_way"


@dataclass(frozen=True, slots=True)
class Generated:
    """The key that was made, as it may be shown. `is_lost`:
    an earlier token may be left at the vendor.
    """

    key_name: str
    scopes: list[str]
    masked: str
    saved: Saved
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class _Made:
    key: Secret
    name: str
    scopes: list[str]


def generate(
    workspace: Workspace,
    *,
    actor: Any,
    request: Any = None,
    holder: str = "",
    run_id: UUID | None = None,
    triggered_by: str = "manual",
) -> Generated:
    """Have a key made at the vendor, and enter it: it is used once it has worked,
    the old one until then.

    UnderWay where another does the same; VendorError, and nothing changed,
    where the vendor makes none.
    """
    if workspace.gone_at is not None:
        raise ValidationError(GONE, code="gone")
    client = _client(workspace, run_id, triggered_by)
    turns.take()
    is_lost = _claim(workspace, holder or str(uuid.uuid4()))
    name = name_of(workspace)
    try:
        made = _make(client, workspace, name)
    except VendorError as error:
        # Whatever broke off on the way may have been done all the same.
        if not isinstance(error, Temporary):
            _let_go(workspace)
        else:
            _let_go(workspace, unsure=True)
        raise
    saved = entering.enter(
        workspace,
        made.key,
        actor=actor,
        request=request,
        name=made.name,
        scopes=made.scopes,
        made=True,
    )
    with transaction.atomic():
        slots.record("bison.key_made", workspace, actor, request, key_name=made.name, lost=is_lost)
    return Generated(made.name, made.scopes, mask_bison_key(made.key.reveal()), saved, is_lost)


def name_of(workspace: Workspace) -> str:
    """Return what the next token is called at the vendor: another than the one that it replaces."""
    name = f"{workspace.workspace_name[:150]} Workspace API"
    if workspace.bison_api_key_name.startswith(name):
        return f"{name} {timezone.now():%Y-%m-%d %H:%M}"
    return name


def _client(workspace: Workspace, run_id: UUID | None, triggered_by: str) -> Client:
    values = vendors.current(workspace.instance.account)
    if not values.text("base_url"):
        raise Misconfigured(VENDOR, NO_ADDRESS)
    try:
        key = instances.active_key(values)
    except KeyError as error:
        raise NoKey(VENDOR) from error
    context = CallContext(
        organization_id=workspace.organization_id,
        run_id=run_id,
        workspace_name=workspace.workspace_name,
        instance=workspace.instance.slug,
        api_key_type=Workspace.KeyType.SUPER_ADMIN,
        function_name="generate_api_key",
        triggered_by=triggered_by,
    )
    return client_of(values.text("base_url"), key, context)


def _make(client: Client, workspace: Workspace, name: str) -> _Made:
    """Ask for a token; Odd for an answer that has none."""
    path = f"/workspaces/v1.1/{workspace.bison_workspace_id}/api-tokens"
    data = data_of(client.post(path, json={"name": name}))
    text = data.get("plain_text_token") if isinstance(data, Mapping) else None
    if not isinstance(text, str):
        raise Odd(VENDOR)
    try:
        check_key(text)
    except ValidationError as error:
        raise Odd(VENDOR) from error
    abilities = data.get("abilities")
    scopes = [str(each)[:100] for each in abilities] if isinstance(abilities, list) else []
    return _Made(Secret(text), name, scopes)


def _claim(workspace: Workspace, holder: str) -> bool:
    """Write down that a token is asked for, and tell whether an earlier one may be lost;
    UnderWay where one is.
    """
    now = timezone.now()
    with transaction.atomic():
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        making = locked.key_making or {}
        since = parse_datetime(making.get("since") or "")
        is_anothers = making.get("holder") not in {"", None, holder}
        is_under_way = since is not None and since > now - LEASE
        if is_anothers and is_under_way:
            raise UnderWay(UNDER_WAY, code="under_way")
        locked.key_making = {"holder": holder, "since": now.isoformat()}
        locked.save(update_fields=["key_making", "updated_at"])
    return bool(making)


def _let_go(workspace: Workspace, *, unsure: bool = False) -> None:
    making = {"holder": "", "since": timezone.now().isoformat()} if unsure else None
    with transaction.atomic():
        locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
        locked.key_making = making
        locked.save(update_fields=["key_making", "updated_at"])

"""A canary call with a key, step by step: who it is, whether it opens this workspace,
whether a record can be read.

A workspace's own key can be nowhere else, and is never moved. Whatever opens several workspaces
is no such key: it would be where its user is, and bring another workspace's data in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from bison import turns
from bison.client import VENDOR, Odd, client_of, fingerprint, who_am_i
from bison.instances import listing
from bison.instances.declaring import FIELD_OF
from bison.keys.choosing import Chosen
from bison.models import Workspace
from bison.session import KeyOfAnother, Session
from core import vendors
from core.connections import State, TestResult
from core.errors import BadCredentials, Misconfigured, Temporary, VendorError
from core.http import Answer, CallContext, Client, Costs
from core.masking import Secret
from core.secrets.crypto import CannotOpen

ADDRESS: Final = _("The address answers")
ACCEPTED: Final = _("The key is accepted")
OPENS: Final = _("The key opens this workspace")
RECORD: Final = _("A record can be read")
STEPS: Final = (ADDRESS, ACCEPTED, OPENS, RECORD)
SEVERAL: Final = _(
    "This key opens several workspaces, so it is a super-admin key. Enter it as such, or have a "
    "key of its own made."
)
WORKS: Final = _("The key works for %(workspace)s.")
DATA: Final = "/sender-emails"
# Somebody waits for the answer.
PATIENCE: Final = 20.0
# What each step proves where it passed; the vendor itself says nothing of a key's scopes.
PROVED: Final = ("", "users:read", "workspaces:read", "sender_emails:read")
TYPE: Final = Workspace.KeyType


class OpensSeveral(BadCredentials):
    """A key that was entered as a workspace's own opens others too."""

    text = SEVERAL


@dataclass(slots=True)
class Trial:
    """What trying a key found, and the number of the vendor's last answer."""

    result: TestResult = field(default_factory=TestResult)
    failure: VendorError | None = None
    status_code: int | None = None
    opens: list[str] = field(default_factory=list)

    def note_answer(self, answer: Answer, _costs: Costs) -> None:
        self.status_code = answer.status

    def passed(self, name: Any, message: Any = "") -> None:
        self.result.passed(name, message)

    def failed(self, error: VendorError) -> None:
        """Note why, at the step that comes next; those after it are skipped."""
        done = len(self.result.steps)
        if done == 0 and not isinstance(error, Misconfigured | Temporary):
            self.passed(ADDRESS)
            done = 1
        self.failure = error
        self.result.failed(STEPS[done], error.message, then_skipped=STEPS[done + 1 :])

    @property
    def scopes(self) -> list[str]:
        """What the key was seen to be allowed."""
        steps = zip(self.result.steps, PROVED, strict=False)
        return [scope for step, scope in steps if scope and step.state is State.PASSED]


def try_out(
    workspace: Workspace,
    chosen: Chosen,
    *,
    function_name: str,
    triggered_by: str,
    run_id: UUID | None = None,
    insist: bool = False,
) -> Trial:
    """Try a key for a workspace. It may not be the own key of another, whoever insists."""
    trial = Trial()
    context = CallContext(
        organization_id=workspace.organization_id,
        run_id=run_id,
        workspace_name=workspace.workspace_name,
        instance=workspace.instance.slug,
        api_key_type=chosen.key_type,
        function_name=function_name,
        triggered_by=triggered_by,
    )
    client = client_of(chosen.address, chosen.key, context, on_answer=trial.note_answer)
    try:
        me = who_am_i(client)
        trial.passed(ADDRESS)
        trial.passed(ACCEPTED, me.name)
        listed = listing.workspaces(client)
        trial.opens = sorted(listed.names.values())
        if chosen.key_type == TYPE.WORKSPACE:
            _judge_own(workspace, chosen, me.workspace_id, listed, insist=insist)
        elif workspace.bison_workspace_id not in listed.names:
            raise KeyOfAnother(VENDOR)
        trial.passed(OPENS, workspace.workspace_name)
        _read_record(workspace, chosen, client)
        trial.passed(RECORD, WORKS % {"workspace": workspace.workspace_name})
    except VendorError as error:
        trial.failed(error)
    return trial


def _judge_own(
    workspace: Workspace, chosen: Chosen, at: int, listed: listing.Listed, *, insist: bool
) -> None:
    """Raise where the key of a workspace is another's, or opens more than this one."""
    if is_super_admins(workspace, chosen.key):
        raise OpensSeveral(VENDOR)
    if at != workspace.bison_workspace_id:
        raise KeyOfAnother(VENDOR)
    # That a workspace's own key lists this one alone was seen, and is not documented:
    # whoever insists may know better.
    if set(listed.names) - {workspace.bison_workspace_id} and not insist:
        raise OpensSeveral(VENDOR)


def is_super_admins(workspace: Workspace, key: Secret) -> bool:
    values = vendors.current(workspace.instance.account)
    try:
        return any(key == values.secret(name) for name in FIELD_OF.values() if name in values)
    except CannotOpen:
        return False


def _read_record(workspace: Workspace, chosen: Chosen, client: Client) -> None:
    with _session(workspace, chosen, client) as at:
        body = at.confirmed(lambda session: session.get(DATA, params={"page": "1"})).json()
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise Odd(VENDOR)


@contextmanager
def _session(workspace: Workspace, chosen: Chosen, client: Client) -> Iterator[Session]:
    """Give a session with this very key, whatever the workspace is called with."""
    if not chosen.is_shared:
        yield Session(workspace, chosen, client, lease=None)
        return
    with turns.of(fingerprint(chosen.key.reveal()), patience=PATIENCE) as lease:
        found = Session(workspace, chosen, client, lease)
        found.enter()
        yield found


def with_key(workspace: Workspace, key: Secret, key_type: str) -> Chosen:
    """Return this key as the workspace would be called with it;
    Misconfigured without an address.
    """
    address = vendors.current(workspace.instance.account).text("base_url")
    if not address:
        raise Misconfigured(VENDOR)
    return Chosen(address, key, key_type, is_shared=key_type == TYPE.SUPER_ADMIN)

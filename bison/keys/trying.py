"""A key is tried because somebody asks: one that they have at hand,
or the one that a workspace is called with.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from bison.client import fingerprint
from bison.keys import entering
from bison.keys.canary import (
    ACCEPTED,
    ADDRESS,
    STEPS,
    TYPE,
    Trial,
    is_super_admins,
    try_out,
    with_key,
)
from bison.keys.choosing import Chosen, key_for
from bison.models import Workspace
from core import audit
from core.connections import State, Step, TestResult
from core.errors import Misconfigured, VendorError
from core.http import turns as web_turns
from core.masking import Secret


@dataclass(frozen=True, slots=True)
class Tried:
    """What is said of a key that was tried, and of each step of that."""

    result: TestResult
    valid: bool
    scopes: list[str]
    workspace_access: list[str]
    status_code: int | None
    message: str


def try_key(
    workspace: Workspace, key: Secret | None = None, *, actor: Any, request: Any = None
) -> Tried:
    """Try a key that somebody entered, or the one in use where none is given. Nothing is stored."""
    trial = _tried(workspace, key, "validate_api_key")
    _record(workspace, trial, actor, request, stored=key is None)
    return _of(trial, _scopes(workspace, key, trial))


def check(workspace: Workspace, *, actor: Any, request: Any = None) -> Tried:
    """Test the connection of a workspace with the key that it is called with.

    A stored key that is not in use yet is tried in its place, and used from then on where it works.
    """
    if (
        workspace.bison_api_key is not None
        and workspace.bison_api_key_status == Workspace.KeyStatus.INACTIVE
    ):
        key = workspace.bison_api_key
        trial = _tried(workspace, key, "test_connection")
        _record(workspace, trial, actor, request, stored=True)
        if trial.result.success:
            entering.activate(workspace, fingerprint(key.reveal()), actor=actor, request=request)
        return _of(trial, trial.scopes)
    trial = _tried(workspace, None, "test_connection")
    _record(workspace, trial, actor, request, stored=True)
    return _of(trial, _scopes(workspace, None, trial))


def _of(trial: Trial, scopes: list[str]) -> Tried:
    return Tried(
        result=trial.result,
        valid=trial.result.success,
        scopes=scopes,
        workspace_access=trial.opens,
        status_code=trial.status_code,
        message=trial.result.message,
    )


def _tried(workspace: Workspace, key: Secret | None, function_name: str) -> Trial:
    web_turns.take()
    try:
        chosen = _chosen(workspace, key)
    except VendorError as error:
        return _refused(error)
    return try_out(workspace, chosen, function_name=function_name, triggered_by="manual")


def _chosen(workspace: Workspace, key: Secret | None) -> Chosen:
    if key is None:
        return key_for(workspace)
    return with_key(workspace, key, _type_of(workspace, key))


def _type_of(workspace: Workspace, key: Secret) -> str:
    """Return what a key is taken for: a super-admin's where the instance knows it as such,
    else the workspace's own.
    """
    if is_super_admins(workspace, key):
        return TYPE.SUPER_ADMIN
    if workspace.key_fingerprint == fingerprint(key.reveal()) and workspace.bison_api_key_type:
        return workspace.bison_api_key_type
    return TYPE.WORKSPACE


def _refused(error: VendorError) -> Trial:
    """Return a trial that no call was made for: there is no address, or no key that may be used."""
    trial = Trial(failure=error)
    name = ACCEPTED
    if isinstance(error, Misconfigured):
        name = ADDRESS
    else:
        trial.result.steps.append(Step(ADDRESS, State.SKIPPED))
    later = STEPS[STEPS.index(name) + 1 :]
    trial.result.failed(name, error.message, then_skipped=later)
    return trial


def _scopes(workspace: Workspace, key: Secret | None, trial: Trial) -> list[str]:
    is_stored = key is None or fingerprint(key.reveal()) == workspace.key_fingerprint
    if not trial.result.success or not is_stored:
        return trial.scopes
    if workspace.has_key and workspace.bison_api_key_scopes:
        return list(workspace.bison_api_key_scopes)
    return trial.scopes


def _record(workspace: Workspace, trial: Trial, actor: Any, request: Any, *, stored: bool) -> None:
    with transaction.atomic():
        audit.record(
            "connection.tested",
            actor=actor,
            target=workspace,
            request=request,
            organization_id=workspace.organization_id,
            success=trial.result.success,
            stored=stored,
            reason="" if trial.result.success else trial.result.message,
        )

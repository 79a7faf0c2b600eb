"""A session in one workspace: every call to a workspace's data goes through here.

With the workspace's own key calls run side by side: the key can be nowhere else. A super-admin key
is where its user is, and that moves: when another job switches, or a person clicks in the vendor's
app. So with such a key a session

1. waits for its turn with the key,
2. switches to the workspace, and asks the vendor where it is,
3. lets the caller read,
4. asks again where it is, when the caller confirms.

What was read without that last answer is worth nothing, and `confirmed` throws it away.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog
from django.utils.translation import gettext_lazy as _

from bison import turns
from bison.client import VENDOR, client_of, data_of, fingerprint, who_am_i
from bison.keys.choosing import Chosen, key_for
from bison.models import Workspace
from core.errors import BadCredentials, Rejected, Temporary
from core.http import Answer, CallContext, Client

logger = structlog.get_logger(__name__)

Result = TypeVar("Result")
PATIENCE: Final = 60.0
TRIES: Final = 5
MOVED: Final = _(
    "Somebody moved the key of %(vendor)s to another workspace. What was read was thrown "
    "away; try again."
)
NOT_ITS_OWN: Final = _(
    "This key belongs to another workspace at %(vendor)s. Enter the key of this one."
)


class WrongWorkspace(Temporary):
    """The key is in another workspace than it was switched to."""

    text = MOVED


class KeyOfAnother(BadCredentials):
    """A key that was entered as this workspace's belongs to another."""

    text = NOT_ITS_OWN


class Session:
    """Calls to one workspace. `thrown_away`: how often what was read had to be read again."""

    def __init__(
        self, workspace: Workspace, chosen: Chosen, client: Client, lease: turns.Lease | None
    ) -> None:
        self.workspace = workspace
        self.key_type = chosen.key_type
        self.is_shared = chosen.is_shared
        self.thrown_away = 0
        self._client = client
        self._lease = lease

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Answer:
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Answer:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.request("DELETE", path, **options)

    def request(self, method: str, path: str, **options: Any) -> Answer:
        """Send it, as `core.http.Client` does, while the turn is still this session's."""
        if self._lease is not None:
            self._lease.renew()
        return self._client.request(method, path, **options)

    def confirm(self) -> None:
        """Raise WrongWorkspace where the key is not in this workspace just now;
        nothing to ask of a workspace's own.
        """
        if not self.is_shared:
            return
        if self._where() != self.workspace.bison_workspace_id:
            raise WrongWorkspace(VENDOR)

    def confirm_own(self) -> None:
        """Raise KeyOfAnother where a workspace's own key acts in another workspace."""
        if self._where() != self.workspace.bison_workspace_id:
            raise KeyOfAnother(VENDOR)

    def enter(self) -> None:
        """Put the key into this workspace, and see that it is there."""
        if not self.is_shared:
            return
        for _try in range(TRIES):
            data_of(
                self.post(
                    "/workspaces/v1.1/switch-workspace",
                    json={"team_id": self.workspace.bison_workspace_id},
                )
            )
            if self._where() == self.workspace.bison_workspace_id:
                return
        raise WrongWorkspace(VENDOR)

    def confirmed(self, read: Callable[["Session"], Result]) -> Result:
        """Return what `read` gives, once the key was in this workspace before and after;
        else it is read again.
        """
        for number in range(TRIES):
            try:
                return self._read_and_confirm(read)
            except WrongWorkspace:
                self.thrown_away += 1
                logger.warning(
                    "read_thrown_away", workspace=self.workspace.workspace_name, number=number
                )
                self.enter()
        raise WrongWorkspace(VENDOR)

    def _read_and_confirm(self, read: Callable[["Session"], Result]) -> Result:
        try:
            result = read(self)
        except Rejected:
            # What is not in another workspace is not refused in this one.
            self.confirm()
            raise
        self.confirm()
        return result

    def _where(self) -> int:
        if self._lease is not None:
            self._lease.renew()
        return who_am_i(self._client).workspace_id


@contextmanager
def session(
    workspace: Workspace,
    *,
    function_name: str,
    triggered_by: str,
    run_id: UUID | None = None,
    patience: float = PATIENCE,
) -> Iterator[Session]:
    """Give a session in this workspace.

    MustHaveItsOwn or NoKey is raised before any call where there is no key that may be used,
    RateLimited where the turn with a shared key does not come within `patience` seconds.
    """
    chosen = key_for(workspace)
    context = CallContext(
        organization_id=workspace.organization_id,
        run_id=run_id,
        workspace_name=workspace.workspace_name,
        instance=workspace.instance.slug,
        api_key_type=chosen.key_type,
        function_name=function_name,
        triggered_by=triggered_by,
    )
    client = client_of(chosen.address, chosen.key, context)
    if not chosen.is_shared:
        yield Session(workspace, chosen, client, lease=None)
        return
    with turns.of(fingerprint(chosen.key.reveal()), patience=patience) as lease:
        found = Session(workspace, chosen, client, lease)
        found.enter()
        yield found

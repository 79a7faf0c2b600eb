"""What proves an item of the checklist, and what a person reads where it is not proved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from bison import lists
from bison.keys.choosing import is_expired
from bison.models import Workspace, WorkspaceResult
from bison.session import Session
from core.words.sayings import Saying

# What our webhook's address ends with, before the secret.
HOOK_PATH: Final = "/api/webhooks/bison/"

NO_KEY: Final = _("There is no key of its own yet. Have one made, or enter it.")
REVOKED: Final = _("Its key was revoked. Have a new one made, or enter it.")
EXPIRED: Final = _("Its key has expired. Have a new one made, or enter it.")
LOST: Final[dict[str, Any]] = {
    Workspace.KeyStatus.REVOKED: REVOKED,
    Workspace.KeyStatus.EXPIRED: EXPIRED,
}
KEY_FIRST: Final = _("It can be tested once there is a key.")
NO_SECRET: Final = _("Its webhook has no secret yet. Switch the webhook on.")
SECRET_FIRST: Final = _("It can be registered once there is a secret.")
NOT_REGISTERED: Final = _(
    "Email Bison does not list Koppel's address among its webhooks. Register it."
)
NO_DELIVERY: Final = _("No delivery has come yet. Write to a lead, or wait for the first event.")
NO_SYNC: Final = _("Its e-mail accounts were not synced completely yet. Start the sync.")
NOT_ASKED: Final = _("It could not be checked just now: %(why)s")


def why_no_key(workspace: Workspace) -> Saying | None:
    """Return why it has no key of its own that may be used, None where it has."""
    is_own = workspace.has_key and workspace.bison_api_key_type != Workspace.KeyType.SUPER_ADMIN
    if is_own and not is_expired(workspace):
        return None
    if is_own:
        return Saying(EXPIRED)
    return Saying(LOST.get(workspace.bison_api_key_status, NO_KEY))


def own_key_works(at: Session) -> Saying | None:
    """Return None once the vendor said that the key acts in this workspace;
    else BadCredentials is raised.
    """
    at.confirm_own()
    return None


def lists_our_hook(at: Session, *, workspace: Workspace) -> Saying | None:
    """Return None where the vendor lists our address with the secret that is in
    use, else why not.
    """
    secret = workspace.bison_webhook_secret
    ours = f"{HOOK_PATH}{secret.reveal()}" if secret is not None else None
    for hook in lists.everything(at, "/webhook-url").items:
        url = hook.get("url") if isinstance(hook, Mapping) else None
        # Others' webhooks may have anything for an address.
        path = str(url).partition("#")[0].partition("?")[0]
        if ours is not None and path.rstrip("/").endswith(ours):
            return None
    return Saying(NOT_REGISTERED)


def first_sync(workspace: Workspace) -> datetime | None:
    """Return when the e-mail accounts were synced completely for the first time,
    None where they never were.
    """
    complete = WorkspaceResult.objects.filter(
        workspace=workspace, kind="email_accounts", state=WorkspaceResult.State.COMPLETE
    )
    return complete.order_by("finished_at").values_list("finished_at", flat=True).first()

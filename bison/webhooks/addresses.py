"""Our addresses: one for each workspace, with a token that nobody can guess,
as the vendor signs nothing.

The token is longer than anything that a log shows of a path (core.health.logs),
and only its keyed hash is looked up.
"""

import re
import secrets
import time
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from bison.models import Workspace
from core.inbox import token_fingerprint
from core.masking import BULLETS, mask_bison_key
from core.secrets import crypto
from core.secrets.crypto import CannotOpen

PATH: Final = "/api/webhooks/bison"
TOKEN_BYTES: Final = 32
# A sample that comes later than that is none that anybody waits for.
SAMPLE_SECONDS: Final = 600
SECRET_COLUMNS: Final = (
    "bison_webhook_secret",
    "webhook_token_hash",
    "earlier_webhook_token_hash",
    "webhook_rotated_at",
)
_TOKEN: Final = re.compile(rf"({re.escape(PATH)}/)([^/?#\s]+)")


def renew(workspace: Workspace) -> None:
    """Give the workspace a new token; the one before is still let in.
    To be saved with SECRET_COLUMNS.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    workspace.earlier_webhook_token_hash = workspace.webhook_token_hash
    workspace.bison_webhook_secret = token
    workspace.webhook_token_hash = token_fingerprint(token)
    workspace.webhook_rotated_at = timezone.now()


def address(workspace: Workspace) -> str:
    """Return the address that the vendor is to send this workspace's events to;
    '' where it has no token.
    """
    secret = workspace.bison_webhook_secret
    if secret is None:
        return ""
    return f"{_place()}{secret.reveal()}"


def remember(workspace: Workspace, url: str | None) -> None:
    """Keep the address that our webhook was seen to have at the vendor; None: there is none."""
    if url == _remembered(workspace):
        return
    workspace.bison_webhook_url = url
    workspace.save(update_fields=["bison_webhook_url", "updated_at"])


def _remembered(workspace: Workspace) -> str | None:
    known = workspace.bison_webhook_url
    if known is None:
        return None
    try:
        return known.reveal()
    except CannotOpen:
        return ""


def shown(workspace: Workspace) -> str:
    """Return its address without the token, or a token that cannot be opened any more;
    '' where it has none.
    """
    try:
        found = address(workspace)
    except CannotOpen:
        return f"{_place()}{BULLETS}"
    return masked(found) if found else ""


def sample_address(workspace: Workspace) -> tuple[str, str]:
    """Return an address that a sample may come to, and the name that the sample then has."""
    stamp = f"{time.time_ns() // 1_000_000:x}"
    name = f"{stamp}-{_seal(str(workspace.pk), stamp)}"
    return f"{address(workspace)}/sample/{name}", name


def is_sample(workspace_id: str, name: str) -> bool:
    """Tell whether we asked for a sample of this name a moment ago."""
    stamp, _dash, seal = name.partition("-")
    if not re.fullmatch(r"[0-9a-f]{8,14}", stamp) or not secrets.compare_digest(
        seal, _seal(workspace_id, stamp)
    ):
        return False
    return abs(time.time() - int(stamp, 16) / 1000) < SAMPLE_SECONDS


def is_ours(url: str) -> bool:
    """Tell whether this address is one of Koppel's own, whatever its token."""
    return url.startswith(_place())


def masked(url: Any) -> str:
    """Return an address as it may be shown: without a token of ours, a password or a query."""
    text = str(url)
    try:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return BULLETS
    path = _TOKEN.sub(lambda found: found[1] + mask_bison_key(found[2]), parts.path)
    query = "?…" if parts.query else ""
    return f"{parts.scheme}://{host}{path}{query}"[:300]


def _place() -> str:
    return f"{settings.PUBLIC_URL}{PATH}/"


def _seal(workspace_id: str, stamp: str) -> str:
    return crypto.mac("bison/webhook-sample", f"{workspace_id}:{stamp}".encode())[:32]

"""Fathom as core.vendors knows it: the fields of an account, and what a test of a connection asks.

Fathom has no ids of teams and no count of calls. The team's id is derived from its name;
the count is exact when the account's first page is its only one, else what is known for certain.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.utils.translation import gettext_lazy as _

from core import vendors
from core.errors import BadCredentials
from core.http import CallContext, Limits
from core.models import VendorAccount
from core.vendors import Field, Found, Probe, Values, Vendor
from fathom_sync.accounts import config, keys, owners
from fathom_sync.client import NO_KEY, FathomClient
from fathom_sync.ledger import listing
from fathom_sync.models import FathomAccount

CONNECTED: Final = _("Connection successful!")
# Somebody waits for the answer.
LIMITS: Final = Limits(read=10, total=25, attempts=2, longest_retry_after=3, quota_wait=3)
ADVICE: Final = _(
    "Test the connection in Settings → Fathom link, and enter another key if this one is refused. "
    "Until then no new calls come in; nothing is lost, as all of them are fetched afterwards."
)
# What those read whose calls come by an account that is not theirs to mend.
FOR_EVERYBODY: Final = _(
    "New calls do not come in at the moment. Your agency is told, and nothing is lost: all of them "
    "are fetched as soon as the connection works again."
)


class KeyRefused(BadCredentials):
    """Fathom does not take the key; not merely that it could not be asked."""

    text = _(
        "Invalid API key – check that the API key is right, and that its owner still has "
        "access to Fathom."
    )


def list_teams(link: VendorAccount, values: Values) -> Found:
    """Return the first team that the key shows; most accounts have none or one."""
    with _tried(link, values) as client:
        teams = client.teams().items
    names = [team.get("name") for team in teams if isinstance(team, dict)]
    name = next((name for name in names if isinstance(name, str) and name), "")
    return Found(name, {"team_name": name, "team_id": team_id(name)})


def list_meetings(link: VendorAccount, values: Values) -> Found:
    """Return how many meetings the key shows, as far as that is known."""
    with _tried(link, values) as client:
        page = client.meetings()
    count, is_exact = len(page.items), not page.next_cursor
    if not is_exact:
        count = max(count, listing.count_listed(client.account, keys.fingerprint(client.key)))
    return Found(CONNECTED, {"calls_count": count, "calls_count_is_exact": is_exact})


def team_id(name: str) -> str:
    """Return a stable id: the same name gives the same on every machine and day;
    '' without a team.
    """
    plain = " ".join(name.split()).casefold()
    if not plain:
        return ""
    return "team_" + hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:12]


@contextmanager
def _tried(link: VendorAccount, values: Values) -> Iterator[FathomClient]:
    """Give a client with the key that is tried; what Fathom refuses is said in the words
    of the old system.
    """
    account = FathomAccount.objects.get(pk=link.pk)
    context = CallContext(
        organization_id=account.organization_id,
        function_name="fathom.test",
        triggered_by=values.tried_by,
    )
    try:
        yield FathomClient(
            account, key=values.secret(config.API_KEY), context=context, limits=LIMITS
        )
    except BadCredentials as error:
        if not error.status:
            raise
        raise KeyRefused(config.VENDOR, status=error.status) from error


FATHOM: Final = vendors.declare(
    Vendor(
        config.VENDOR,
        "Fathom",
        fields=(
            Field(
                config.API_KEY,
                _("Fathom API key"),
                secret=True,
                check=config.check_key,
                env="FATHOM_API_KEY",
                longest=config.LONGEST,
            ),
            # Whether deliveries are signed with it is known when one comes, and not before.
            Field(
                config.WEBHOOK_SECRET,
                _("Fathom webhook secret"),
                secret=True,
                required=False,
                tried=False,
                check=config.check_secret,
                env="FATHOM_WEBHOOK_SECRET",
                longest=config.LONGEST,
            ),
        ),
        probes=(Probe(_("Teams"), list_teams), Probe(_("Calls"), list_meetings)),
        advice=ADVICE,
        for_everybody=FOR_EVERYBODY,
        incomplete=NO_KEY,
        name_of=owners.name_of,
        cause="fathom_account",
        has_own_page=True,
    )
)

"""How a connection is: whoever learns whether an account works reports it here.

A state belongs to the values that it was learned with. Once others are stored it says nothing any
more, so that green is never shown for a key that was not tried.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import happenings, incidents
from core.connections import Connection, ConnectionStatus
from core.errors import BadCredentials, Incomplete
from core.models import Incident, VendorAccount
from core.vendors.declarations import vendor_of
from core.vendors.values import Values, current
from core.words.sayings import Saying

TITLE: Final = _("%(vendor)s cannot be reached with the key of %(account)s")


def state_of(account: VendorAccount) -> ConnectionStatus:
    """Return the state of what is stored now; not_configured where that was not tried."""
    values = current(account)
    if not values.are_enough_for(vendor_of(account)):
        return ConnectionStatus(Connection.NOT_CONFIGURED)
    fingerprint = values.fingerprint
    if fingerprint and fingerprint != account.tried_with:
        return ConnectionStatus(Connection.NOT_CONFIGURED, last_good=account.last_good_at)
    # What cannot be opened any more works for nobody.
    state, tested = Connection.ERROR, None
    if fingerprint:
        state, tested = Connection(account.state), account.last_tested_at
    return ConnectionStatus(
        state=state,
        since=account.state_since,
        cause=account.why,
        last_checked=account.last_checked_at,
        last_good=account.last_good_at,
        next_step=account.why,
        last_tested=tested,
    )


def report(
    account: VendorAccount,
    values: Values,
    failure: Saying | None,
    *,
    tested: bool = False,
    is_outage: bool = False,
) -> bool:
    """Write what was learned of these values, and tell whether it was:
    not of values that are in use no more.

    `tested`: a person or a command had them tried. `is_outage`: the vendor did not answer,
    for which the account has no incident of its own where its vendor groups them.
    """
    fingerprint = values.fingerprint
    if not fingerprint:
        return False
    state = Connection.ERROR if failure else Connection.CONNECTED
    now = timezone.now()
    with transaction.atomic():
        locked = VendorAccount.objects.select_for_update().filter(pk=account.pk).first()
        if locked is None or current(locked).fingerprint != fingerprint:
            return False
        is_the_same = locked.state == state and locked.tried_with == fingerprint
        if not is_the_same or locked.state_since is None:
            locked.state_since = now
        if failure is None:
            locked.last_good_at = now
        if tested:
            locked.last_tested_at = now
        elif locked.tried_with != fingerprint:
            # The test was of others.
            locked.last_tested_at = None
        locked.state, locked.tried_with, locked.last_checked_at = state, fingerprint, now
        locked.cause = failure.plain if failure else ""
        locked.cause_said = failure.kept() if failure else {}
        locked.save(
            update_fields=[
                "state",
                "state_since",
                "tried_with",
                "last_checked_at",
                "last_good_at",
                "last_tested_at",
                "cause",
                "cause_said",
            ]
        )
        if not is_the_same:
            _tell(locked, failure)
        # Under the account's lock: of two reports the later has the last word on the incident too.
        if not (is_outage and vendor_of(account).groups_outages):
            _observe(locked, failure)
    account.refresh_from_db()
    return True


@contextmanager
def watched(account: VendorAccount) -> Iterator[Values]:
    """Give the values in use for one piece of work, and report whether the vendor took them.

    They are reported to work only where an answer says so: where no call was made,
    nothing is known. Incomplete is raised where one that is needed is not set.
    """
    values = current(account)
    if not values.are_enough_for(vendor_of(account)):
        raise Incomplete(account.vendor, vendor_of(account).incomplete)
    try:
        yield values
    except BadCredentials as error:
        report(account, values, error.saying)
        raise
    if values.answered:
        report(account, values, None)


def end_incident(account: VendorAccount, *, unless_whole: bool = False) -> None:
    """Close the account's incident: there is nothing any more that could fail.

    With `unless_whole` it stays where others have entered what is needed meanwhile.
    """
    with transaction.atomic():
        locked = VendorAccount.objects.select_for_update().filter(pk=account.pk).first()
        if unless_whole and _is_whole(locked):
            return
        incidents.close(_cause(account))


def _is_whole(account: VendorAccount | None) -> bool:
    if account is None:
        return False
    return current(account).are_enough_for(vendor_of(account))


def _tell(account: VendorAccount, failure: Saying | None) -> None:
    """Tell that it works now, or why it does not."""
    if failure is None:
        happenings.tell("account.connected", [account])
    else:
        happenings.tell("account.failed", [account], cause=failure.plain)


def forget(account: VendorAccount) -> None:
    """Forget how the connection was, and close its incident:
    what it was made with is in use no more.
    """
    with transaction.atomic():
        locked = VendorAccount.objects.select_for_update().filter(pk=account.pk).first()
        if locked is not None:
            locked.save(update_fields=locked.begin_untried())
        incidents.close(_cause(account))
    if locked is not None:
        account.refresh_from_db()


def _observe(account: VendorAccount, failure: Saying | None) -> None:
    vendor = vendor_of(account)
    facts: dict[str, Any] = {"vendor": vendor.name, "account": str(account)}
    incidents.observe(
        _cause(account),
        ok=failure is None,
        title=Saying(TITLE, facts),
        what_to_do=vendor.advice,
        severity=Incident.Severity.CRITICAL,
        organization_id=account.organization_id,
        for_everybody="" if account.organization_id else vendor.for_everybody,
    )


def _cause(account: VendorAccount) -> str:
    return f"{vendor_of(account).cause}:{account.pk}"

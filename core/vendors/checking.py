"""A test of a connection, step by step: what stands on a step that failed
is skipped, never left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.connections import TestResult
from core.errors import Incomplete, RateLimited, Temporary, VendorError
from core.http import turns
from core.masking import Secret
from core.models import VendorAccount
from core.secrets.crypto import CannotOpen
from core.vendors import destinations
from core.vendors.declarations import Found, Vendor, vendor_of
from core.vendors.status import report
from core.vendors.values import Values, current, in_clear
from core.words.sayings import Saying, Text

# A vendor may answer with anything; this is as much of it as a page shows.
LONGEST_MESSAGE: Final = 300
# As much of a name as the log of calls keeps.
LONGEST_NAME: Final = 100
ENTERED: Final = _("Everything is filled in")
# Is told of each step as it ends: what was found so far, and the names of the steps that are left.
OnStep = Callable[[TestResult, Sequence[Text]], None]


def check(
    account: VendorAccount,
    *,
    actor: Any,
    request: Any = None,
    others: Mapping[str, "str | Secret"] | None = None,
    on_step: OnStep | None = None,
) -> TestResult:
    """Try what is in use, or that with `others` in its place:
    those leave the account's state alone.

    Busy is raised, and nothing kept, where too many wait for vendors. Of the others nothing is sent
    that cannot be a value of its field; ValidationError where they would take a stored secret to
    another host.
    """
    turns.take()
    values = current(account)
    if others:
        destinations.refuse_kept_secrets(vendor_of(account), values, others)
        values = values.with_others(others)
    result, failure, is_known = probe(
        account, values, entered=others or (), tried_by=actor, on_step=on_step
    )
    with transaction.atomic():
        audit.record(
            "connection.tested",
            actor=actor,
            target=account,
            request=request,
            organization_id=account.organization_id,
            new=_tried_secret(account, values),
            success=result.success,
            stored=not others,
            reason=result.message if not result.success else "",
        )
    if not others and is_known:
        report(account, values, failure, tested=True, is_outage=is_outage(result.failure))
    return result


def is_outage(failure: Exception | None) -> bool:
    """Tell whether the other side did not answer, or not with sense:
    that says nothing of the key.
    """
    return isinstance(failure, Temporary)


def probe(
    account: VendorAccount,
    values: Values,
    *,
    entered: Iterable[str] = (),
    tried_by: Any = "",
    on_step: OnStep | None = None,
) -> tuple[TestResult, Saying | None, bool]:
    """Return what each step found, why it failed, and whether that says anything of the values.

    A vendor that only asked for a pause has not refused them.
    """
    vendor = vendor_of(account)
    names = tuple(step.name for step in vendor.probes)
    values.tried_by = str(tried_by)[:LONGEST_NAME]
    result = TestResult()
    if not values.are_enough_for(vendor):
        result.failure = Incomplete(vendor.key, vendor.incomplete)
        result.failed(ENTERED, vendor.incomplete, then_skipped=names)
        return result, result.failure.saying, False
    wrong = _wrong(vendor, values, entered)
    if wrong is not None:
        result.failure = wrong
        result.failed(ENTERED, " ".join(wrong.messages), then_skipped=names)
        return result, None, False
    result.passed(ENTERED)
    for number, step in enumerate(vendor.probes):
        if on_step is not None:
            on_step(result, names[number:])
        try:
            found = step.ask(account, values)
        except VendorError as error:
            result.failure = error
            result.failed(step.name, error.message, then_skipped=names[number + 1 :])
            return result, error.saying, not isinstance(error, RateLimited)
        if not isinstance(found, Found):
            found = Found(found)
        result.facts = {**result.facts, **found.facts}
        result.passed(step.name, str(found.text)[:LONGEST_MESSAGE])
    return result, None, True


def _tried_secret(account: VendorAccount, values: Values) -> Secret | None:
    """Return the first secret that was tried, for its hash in the log;
    None where it cannot be opened.
    """
    for field in vendor_of(account).secrets:
        if not field.tried or field.name not in values:
            continue
        secret = values.secret(field.name)
        try:
            return Secret(secret.reveal())
        except CannotOpen:
            return None
    return None


def _wrong(vendor: Vendor, values: Values, entered: Iterable[str]) -> ValidationError | None:
    """Return why one of these cannot be a value of its field; None where all can."""
    for name in entered:
        try:
            vendor.field(name).check(in_clear(values[name]))
        except ValidationError as error:
            return error
    return None

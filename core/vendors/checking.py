"""A test of a connection, step by step: what stands on a step that failed is skipped, never left out."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.connections import TestResult
from core.errors import RateLimited, VendorError
from core.http import turns
from core.masking import Secret
from core.models import VendorAccount
from core.vendors.declarations import vendor_of
from core.vendors.status import INCOMPLETE, report
from core.vendors.values import Values, current
from core.words.sayings import Saying

# A vendor may answer with anything; this is as much of it as a page shows.
LONGEST_MESSAGE: Final = 300
ENTERED: Final = _("Everything is filled in")


def check(
    account: VendorAccount,
    *,
    actor: Any,
    request: Any = None,
    others: Mapping[str, "str | Secret"] | None = None,
) -> TestResult:
    """Try what is in use, or that with `others` in its place: those leave the account's state alone.

    Busy is raised, and nothing kept, where too many wait for vendors.
    """
    turns.take()
    values = current(account)
    if others:
        values = values.with_others(others)
    result, failure, is_known = probe(account, values)
    with transaction.atomic():
        audit.record(
            "connection.tested",
            actor=actor,
            target=account,
            request=request,
            organization_id=account.organization_id,
            success=result.success,
            stored=not others,
            reason=result.message if not result.success else "",
        )
    if not others and is_known:
        report(account, values, failure)
    return result


def probe(account: VendorAccount, values: Values) -> tuple[TestResult, Saying | None, bool]:
    """Return what each step found, why it failed, and whether that says anything of the values.

    A vendor that only asked for a pause has not refused them.
    """
    vendor = vendor_of(account)
    names = tuple(step.name for step in vendor.probes)
    result = TestResult()
    if not values.are_enough_for(vendor):
        result.failed(ENTERED, INCOMPLETE, then_skipped=names)
        return result, Saying(INCOMPLETE), False
    result.passed(ENTERED)
    for number, step in enumerate(vendor.probes):
        try:
            result.passed(step.name, str(step.ask(account, values))[:LONGEST_MESSAGE])
        except VendorError as error:
            result.failed(step.name, error.message, then_skipped=names[number + 1 :])
            return result, error.saying, not isinstance(error, RateLimited)
    return result, None, True

"""Whether a value is in effect in a workspace, by what was read back;
and whether it was, and is no more.
"""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from bison.models import SuppressionState
from bison.suppression.acting import Done
from bison.suppression.looking import Lead, Seen
from bison.suppression.planning import Wanted
from bison.suppression.values import Value
from core.words import moments
from core.words.sayings import Saying

NOT_BLOCKED: Final = _("Email Bison does not list it as blocked. The next check tries again.")
NOT_UNSUBSCRIBED: Final = _(
    "Not unsubscribed yet: %(count)d of its leads. The next check tries again."
)
ERASED_AND_UNBLOCKED: Final = _(
    "Email Bison does not list it as blocked any more, and the address was erased here. Enter it "
    "again to block it."
)
STILL_BLOCKED: Final = _("Email Bison lists it still; it deletes late. The next check looks again.")


def problem_of(each: Wanted, after: Seen, done: Done) -> Saying | None:
    """Return why a value is not in effect, None where it is."""
    refused = done.refused.get(each.value)
    is_blocked = each.value in after.blocked
    if each.is_lifted:
        return (refused or Saying(STILL_BLOCKED)) if is_blocked else None
    if not is_blocked and each.value.is_erased:
        return Saying(ERASED_AND_UNBLOCKED)
    if not is_blocked:
        return refused or Saying(NOT_BLOCKED)
    left = [lead for lead in after.leads.get(each.value, ()) if not lead.is_unsubscribed]
    if left:
        return Saying(NOT_UNSUBSCRIBED, {"count": len(left)})
    return None


def _is_subscribed_again(state: SuppressionState, leads: Sequence[Lead]) -> bool:
    """Tell whether a lead that was unsubscribed is so no more; one that came since is only new."""
    if not state.unsubscribed or state.read_back_at is None:
        return False
    for lead in leads:
        made = moments.read(lead.created_at)
        is_new = made is not None and made > state.read_back_at
        if not lead.is_unsubscribed and not is_new:
            return True
    return False


def is_undone(state: SuppressionState, value: Value, seen: Seen) -> bool:
    """Tell whether it was in effect when it was read back last, and is not now."""
    if state.read_back_at is None:
        return False
    if state.blacklisted and value not in seen.blocked:
        return True
    return _is_subscribed_again(state, seen.leads.get(value, []))

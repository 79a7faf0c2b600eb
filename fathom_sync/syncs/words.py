"""What syncs are called, and what came of the meetings in them."""

from django.utils.translation import gettext_lazy as _

from fathom_sync.models import FathomMeeting

OF_SYNCS = {
    "processed": _("Meetings looked at"),
    "pages": _("Pages read"),
    "imported": _("Imported"),
    "updated": _("Updated"),
    "duplicate": _("Here already, unchanged"),
    "ledger": _("Ledger"),
    "at_vendor": _("At Fathom"),
    "here": _("Here"),
    "skipped": _("Skipped"),
    "errors": _("Errors"),
    "missing": _("Missing"),
    "healed": _("Missing once, fetched since"),
    "gone": _("Not listed there any more"),
    "earlier_key": _("Listed by an earlier key, not checked by this one"),
    "from_day": _("From"),
    "to_day": _("To"),
    **{f"skipped_{reason}": words for reason, words in FathomMeeting.REASONS.items()},
    **{f"error_{reason}": words for reason, words in FathomMeeting.REASONS.items()},
}
OF_CHECKS = {
    **OF_SYNCS,
    "listed": _("Meetings that Fathom lists"),
    "found_missing": _("Found missing"),
    "whole": _("All there is was compared"),
    "checked": _("Checked"),
}

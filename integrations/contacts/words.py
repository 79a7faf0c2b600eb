"""What a sync of contacts says, in words."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from integrations.contacts.deciding import (
    DELETED_IN_KOPPEL,
    DELETED_THERE,
    DUPLICATE,
    ERASED,
    HIDDEN,
    NO_NAME,
    ODD_ID,
)

NO_EMAIL, SAME_ADDRESS, REFUSED, NOT_SEEN = "no_email", "same_address", "refused", "not_seen"
REASONS: Final = {
    DELETED_THERE: _("Deleted there"),
    DELETED_IN_KOPPEL: _("Deleted in Koppel"),
    DUPLICATE: _("Another contact there has the same address"),
    NO_NAME: _("Neither a name nor an address"),
    ERASED: _("Erased in Koppel"),
    HIDDEN: _("A colleague's contact, which the integration's owner does not see"),
    ODD_ID: _("An id that cannot be kept"),
    NO_EMAIL: _("Without an e-mail address"),
    SAME_ADDRESS: _("Somebody else in Koppel has the same address"),
    REFUSED: _("Refused by the service"),
    NOT_SEEN: _("Not in the service's list any more"),
}
OF_SYNCS: Final = {
    "pulled": _("Read there"),
    "created": _("Added"),
    "updated": _("Changed"),
    "unchanged": _("Unchanged"),
    "conflict": _("To be decided"),
    "conflicts": _("To be decided"),
    "skipped": _("Left out"),
    "pushed": _("Sent"),
    "pushed_created": _("Added there"),
    "pushed_updated": _("Changed there"),
    "errors": _("Errors"),
    "unlinked": _("Not there any more"),
    "removed": _("Deleted in Koppel, as they are not there any more"),
    "ledger": _("Ledger"),
    "sent": _("Sent there"),
    "preview": _("Preview"),
    "dry_run": _("Nothing is written"),
    "at_vendor": _("At the service"),
    "here": _("In Koppel"),
    "missing": _("Missing"),
    **REASONS,
    **{f"skipped_{reason}": words for reason, words in REASONS.items()},
    **{f"error_{reason}": words for reason, words in REASONS.items()},
}

"""What services refuse (NotFound, Conflicting); and what can go wrong with a vendor,
sorted by what to do next.

    VendorError         .message (safe to show, says what to do), .vendor, .status, .retry_after
    ├── Temporary       nobody's fault here: the same call may work later
    ├── RateLimited     the same call will work after .retry_after seconds
    ├── Rejected        this request is refused as it is: do not repeat it unchanged
    ├── BadCredentials  the key is wrong, revoked or expired: a person must enter another
    └── Misconfigured   the address or its certificate is wrong, or something is not set
                        (Incomplete): a person
                             must correct a setting

Jobs retry the first two and stop on the rest. No message ever holds a key,
a resolved address or a vendor's own words.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.words.sayings import Saying, Text

# How people write a vendor's name, where capitals alone do not give it.
# Apps add theirs when they are ready.
VENDOR_NAMES: dict[str, str] = {}

NO_PERMISSION = _(
    "%(vendor)s does not allow this key to do that (403). "
    "Give the key that permission at %(vendor)s, or enter another one."
)
NOT_THERE = _("%(vendor)s does not know what was asked for (404). It may have been deleted there.")
TOO_LARGE = _(
    "%(vendor)s answered with more data than Koppel takes in one piece. Ask for a smaller range."
)
UNREADABLE = _(
    "%(vendor)s gave an answer that cannot be read. Nothing was changed; try again later."
)
WEB_PAGE = _(
    "%(vendor)s answered with a web page instead of data. Check the address in the settings; "
    "if it is right, %(vendor)s may be under maintenance: try again later."
)
MOVED = _(
    "%(vendor)s answers from another address than the one set. Enter its final address "
    "in the settings."
)
NO_SUCH_NAME = _("The address of %(vendor)s does not exist. Check its spelling in the settings.")
BAD_CERTIFICATE = _(
    "The certificate of %(vendor)s is not valid for its address. Check the address in the "
    "settings, or ask whoever runs that server to renew the certificate."
)
LOST_KEY = _(
    "The stored key for %(vendor)s cannot be opened any more. Enter it again and test "
    "the connection."
)
UNUSABLE_KEY = _(
    "The key for %(vendor)s has characters that no key can have. Copy it again and enter it."
)


class NotFound(Exception):
    """A service or a rule of access finds nothing that this person may know of:
    404 for whoever asked.

    `core.middleware.NotFoundPages` makes it a page, `core.api.errors.handle` an answer of the API.
    """


class Conflicting(ValidationError):
    """A service refuses what was asked for, as something stands against it:
    a 409 where the API was asked.
    """

    conflict: ClassVar[str] = "conflict"


class VendorError(Exception):
    """A call to a vendor did not give what was asked for."""

    text: ClassVar[Text] = _("%(vendor)s could not be used. Try again later.")

    def __init__(
        self,
        vendor: str,
        text: Text = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(vendor)
        self.vendor = vendor
        self.status = status
        self.retry_after = retry_after
        self._text = text

    @property
    def message(self) -> str:
        """One or two sentences in the reader's language: what happened, what to do."""
        return str(self.saying)

    @property
    def saying(self) -> Saying:
        """The same, to be kept and said again in another reader's language."""
        return Saying(self._text or self.text, self._facts())

    def _facts(self) -> Mapping[str, Any]:
        name = VENDOR_NAMES.get(self.vendor) or self.vendor.replace("_", " ").title()
        return {
            "vendor": name,
            "status": self.status or "–",
            "seconds": round(self.retry_after or 0),
        }

    def __str__(self) -> str:
        return self.message


class Temporary(VendorError):
    """The vendor is down, slow or unreachable, or its answer broke off. Repeat later."""

    text = _(
        "%(vendor)s cannot be reached or has a fault at the moment. Nothing was lost; "
        "try again later."
    )


class RateLimited(VendorError):
    """The vendor, or our own quota for it, takes no more calls for `retry_after` seconds."""

    text = _("%(vendor)s takes no more requests for the moment. Try again in %(seconds)s seconds.")
    retry_after: float

    def __init__(
        self, vendor: str, text: Text = "", *, retry_after: float = 60, status: int | None = None
    ) -> None:
        super().__init__(vendor, text, status=status, retry_after=retry_after)


class Rejected(VendorError):
    """The vendor understood who asks and said no. The same request will be refused again."""

    text = _(
        "%(vendor)s refused the request (%(status)s). Check what was asked for; the same again "
        "will not help."
    )


class BadCredentials(VendorError):
    """The vendor does not accept the key."""

    text = _("%(vendor)s does not accept the key. Enter a valid one and test the connection.")


class Misconfigured(VendorError):
    """No request can be made with this address: refused by the address guard, no such name,
    no valid certificate.
    """

    text = _("The address of %(vendor)s cannot be used. Check it in the settings.")


class Incomplete(Misconfigured):
    """Nothing was asked: a value that is needed is not set."""

"""What can go wrong with a database, in words that say what to do;
never with a secret or the server's own words.
"""

import re
import socket
import ssl
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import (
    BAD_CERTIFICATE,
    NO_SUCH_NAME,
    TOO_LARGE,
    BadCredentials,
    Misconfigured,
    Rejected,
    Temporary,
    VendorError,
)
from core.http.addresses import NOT_AN_ADDRESS, Refused
from core.http.relay import Relay, TooMuch

NOT_A_HOST: Final = _(
    "Enter the host alone, such as db.example.com: no scheme, user, port, path or second host."
)
NOBODY_ANSWERS: Final = _(
    "No database answers at this host and port. Check both, that the server runs, and that its "
    "firewall lets Koppel in."
)
TOO_LONG_TO_CONNECT: Final = _(
    "The database did not answer in time. Check host and port, and that its firewall "
    "lets Koppel in."
)
ANOTHER_PROTOCOL: Final = _(
    "What answers at this host and port is no database of that kind. Check engine and port."
)
WITHOUT_TLS: Final = _(
    "The database offers no encrypted connection. Switch TLS on there: Koppel sends no "
    "password in the clear."
)
MUST_ENCRYPT: Final = _(
    "Without TLS Koppel connects only to databases that this installation's owner has allowed by "
    "host and port."
)
BAD_AUTHORITY: Final = _(
    "The certificate of the authority cannot be read. Paste it as PEM, from BEGIN to END."
)
WRONG_PASSWORD: Final = _(
    "The database does not accept this user and password. Enter them again and test."
)
NOT_LET_IN: Final = _(
    "The database does not let this user in from Koppel's address. Allow it there (pg_hba.conf, or "
    "the user's host)."
)
NO_DATABASE: Final = _(
    "There is no database of this name, or the user may not enter it. Check the name."
)
NO_RIGHT: Final = _(
    "The user may not read what the query asks for. Give them the right to read "
    "(SELECT, find) there."
)
BUSY: Final = _(
    "The database takes no more connections, or is starting or stopping. Try again in a moment."
)
BROKE_OFF: Final = _("The connection to the database broke off. Nothing was lost; try again later.")
TOO_SLOW: Final = _(
    "The query took too long and was stopped. Ask for less, or add an index for what it "
    "searches and sorts by."
)
READ_ONLY: Final = _(
    "The query would change something. Koppel only reads: use a SELECT (or a find)."
)
ROW_TOO_LARGE: Final = _(
    "A row of the answer is too large. Select only the columns that are mapped."
)
MANY_STATEMENTS: Final = _("Enter one statement only, without a semicolon in it.")
WRONG_QUERY: Final = _(
    "The database cannot read the query near “%(near)s” (line %(line)s). Correct it there."
)
WRONG_NAME: Final = _(
    "The query names a table, column or function that is not there, near “%(near)s” (line "
    "%(line)s). Correct it."
)
NO_QUERY: Final = _("Enter a query.")
REFUSED_QUERY: Final = _(
    "The database refuses the query. Try it in the database's own client first."
)
NOT_JSON: Final = _('The query is not valid JSON. It reads {"collection": "people", "filter": {}}.')
WITHOUT_COLLECTION: Final = _(
    'The query must name its collection: {"collection": "people", "filter": {}}.'
)
NOT_A_FIND: Final = _(
    "The query may have collection, filter, projection and sort, and nothing else."
)
RUNS_CODE: Final = _(
    "The query uses an operator that runs code or writes ($where, $function, $out, "
    "…). Leave it out."
)
UNKNOWN_PARAMETER: Final = _("The query may use :since and :after, and no other parameter.")
UNREADABLE: Final = _(
    "The database sent something that cannot be read. Select other columns, or convert them."
)

_AROUND: Final = 30


class BadTls(Misconfigured):
    """No connection came about that others cannot read."""


class QueryError(Rejected):
    """The query is at fault, at a place that is known."""

    def __init__(
        self, vendor: str, text: Any, *, query: str = "", position: int = 0, line: int = 0
    ) -> None:
        super().__init__(vendor, text)
        self.position = max(0, position)
        self.line = line or query.count("\n", 0, self.position) + 1
        start = self.position
        if not position and line:
            start = sum(len(part) + 1 for part in query.split("\n")[: line - 1])
        self.near = re.sub(r"\s+", " ", query[start : start + _AROUND]).strip()

    def _facts(self) -> Mapping[str, Any]:
        return {**super()._facts(), "near": self.near or "…", "line": self.line}


def unreachable(vendor: str, error: Exception) -> VendorError:
    """Return what it means that no connection came about."""
    if isinstance(error, Refused):
        text = error.text
        if text is NOT_AN_ADDRESS:
            text = NOT_A_HOST
        return Misconfigured(vendor, text)
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_AGAIN:
            return Temporary(vendor)
        return Misconfigured(vendor, NO_SUCH_NAME)
    if isinstance(error, ssl.SSLCertVerificationError):
        return BadTls(vendor, BAD_CERTIFICATE)
    if isinstance(error, ssl.SSLError):
        return BadTls(vendor, WITHOUT_TLS)
    if isinstance(error, TimeoutError):
        return Temporary(vendor, TOO_LONG_TO_CONNECT)
    return Temporary(vendor, NOBODY_ANSWERS)


def ended(vendor: str, relay: Relay) -> VendorError | None:
    """Return why the relay ended what was under way; None where it did not."""
    if isinstance(relay.failure, TooMuch):
        return Rejected(vendor, TOO_LARGE)
    if isinstance(relay.failure, TimeoutError):
        return Rejected(vendor, TOO_SLOW)
    if isinstance(relay.failure, ssl.SSLError):
        return unreachable(vendor, relay.failure)
    return None


def wrong_password(vendor: str) -> VendorError:
    return BadCredentials(vendor, WRONG_PASSWORD)

"""A session with somebody's database: reached through a relay, its failures understood,
a line of it in the log.
"""

import contextlib
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

from core.errors import LOST_KEY, BadCredentials, Misconfigured, VendorError
from core.http import turns
from core.http.addresses import ODD_PORT, Refused
from core.http.auth import HeaderKey, spellings
from core.http.call_log import Attempt
from core.http.client import CallContext
from core.http.databases import failures, mongo, mysql, postgres
from core.http.databases.places import Bounds, Engine, Place, Session, Tls
from core.http.relay import Relay
from core.secrets.crypto import CannotOpen

_DRIVERS: Final[dict[Engine, ModuleType]] = {
    Engine.POSTGRESQL: postgres,
    Engine.MYSQL: mysql,
    Engine.MONGODB: mongo,
}
HTTPS: Final = 443


def reach(vendor: str, place: Place, bounds: Bounds) -> None:
    """Dial the server and hang up; raise VendorError where nobody answers,
    or the guard refuses the address.
    """
    turns.take()
    _check(vendor, place)
    with _way(
        vendor, Relay(place.host, place.port, seconds=bounds.total, most=0, connect=bounds.connect)
    ):
        return


@contextlib.contextmanager
def opened(
    vendor: str, place: Place, context: CallContext, bounds: Bounds | None = None
) -> Iterator[Session]:
    """Give a session that has signed in. Whatever goes wrong, in it too, is a VendorError."""
    turns.take()
    limits = bounds or Bounds()
    attempt = _attempt(vendor, place, context)
    started = time.monotonic()
    failure: VendorError
    try:
        with _session(vendor, place, limits, attempt) as session:
            yield session
    except VendorError as error:
        failure = error
    else:
        attempt.log(status=None, elapsed_ms=_since(started))
        return
    attempt.log(status=None, elapsed_ms=_since(started), error=failure.message, success=False)
    raise failure


@contextlib.contextmanager
def _session(vendor: str, place: Place, bounds: Bounds, attempt: Attempt) -> Iterator[Session]:
    driver = _DRIVERS[place.engine]
    try:
        attempt.spellings = spellings(HeaderKey("password", place.password))
    except CannotOpen as error:
        raise BadCredentials(vendor, LOST_KEY) from error
    _check(vendor, place)
    with _way(vendor, driver.relay(vendor, place, bounds)) as way:
        failure: VendorError
        try:
            with driver.session(vendor, place, bounds, way) as session:
                yield session
            return
        except VendorError as error:
            failure = failures.ended(vendor, way) or error
        except driver.ERRORS as error:
            failure = failures.ended(vendor, way) or driver.meaning(vendor, error)
            failure.add_note(type(error).__name__)
        finally:
            attempt.values["metadata"] = {"bytes": way.received}
    # Apart from what it came from: a driver's error holds addresses, and the server's own words.
    raise failure


@contextlib.contextmanager
def _way(vendor: str, relay: Relay) -> Iterator[Relay]:
    with contextlib.ExitStack() as stack:
        failure: VendorError | None = None
        try:
            way = stack.enter_context(relay)
        except (Refused, OSError) as error:
            failure = failures.unreachable(vendor, error)
        if failure is not None:
            raise failure
        yield way


def _check(vendor: str, place: Place) -> None:
    try:
        is_exempt = place.is_exempt
    except Refused as error:
        raise failures.unreachable(vendor, error) from error
    is_usual_port = place.port == HTTPS or 1024 <= place.port <= 65535
    if not is_exempt and not is_usual_port:
        raise Misconfigured(vendor, ODD_PORT)
    if place.tls == Tls.OFF and not is_exempt:
        raise failures.BadTls(vendor, failures.MUST_ENCRYPT)
    texts = [place.user, place.database, place.signs_in_at, place.password.reveal()]
    if any(character < " " or character == "\x7f" for text in texts for character in text):
        raise BadCredentials(vendor, failures.WRONG_PASSWORD)


def _attempt(vendor: str, place: Place, context: CallContext) -> Attempt:
    values: dict[str, Any] = dict(vars(context))
    values["bison_instance"] = values.pop("instance")
    return Attempt(
        values
        | {
            "vendor": vendor,
            "account": place.user,
            "endpoint": f"{place.host}:{place.port}/{place.database}",
            "method": "READ",
            "attempt": 1,
        }
    )


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)

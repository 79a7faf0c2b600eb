"""Which database an account's values name, and a reader of it."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError

from core.http import CallContext, addresses
from core.http.addresses import NOT_PUBLIC, Refused
from core.http.databases import Bounds, Engine, Place, Session, Tls, opened
from core.http.databases.failures import NOT_A_HOST
from core.http.databases.places import USUAL_PORTS
from core.models import VendorAccount
from core.vendors import Values
from core.vendors.declarations import THIS_SERVICE

NAME: Final = "database"
BOUNDS: Final = Bounds()


def check_host(value: str) -> None:
    """Raise ValidationError for what is no single host, and for an address that is not public."""
    try:
        host = addresses.named(value)
    except Refused as error:
        raise ValidationError(NOT_A_HOST, code="invalid") from error
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return
    allowed = {
        each.rpartition(":")[0].strip("[] ").lower() for each in settings.ALLOW_PRIVATE_HOSTS
    }
    if not addresses.is_public(literal) and host not in allowed:
        raise ValidationError(str(NOT_PUBLIC) % {"vendor": THIS_SERVICE}, code="invalid")


def place_of(values: Values) -> Place:
    """Return the database that the values name, and who signs in."""
    engine = Engine(values.text("engine"))
    return Place(
        engine=engine,
        host=values.text("host"),
        port=int(values.text("port") or USUAL_PORTS[engine]),
        database=values.text("database"),
        user=values.text("user"),
        password=values.secret("password"),
        tls=Tls(values.text("tls") or Tls.VERIFY),
        authority=values.text("certificate"),
        signs_in_at=values.text("authDatabase"),
    )


@dataclass(frozen=True)
class Reader:
    """What a client is elsewhere: on whose behalf the database is read."""

    place: Place
    context: CallContext
    bounds: Bounds = BOUNDS
    vendor: str = NAME

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Sign in for as long as this lasts."""
        with opened(self.vendor, self.place, self.context, self.bounds) as session:
            yield session


def reader_of(account: VendorAccount, values: Values, context: CallContext) -> Reader:
    """Return a reader of the database that the values name."""
    return Reader(place_of(values), context, vendor=account.vendor)

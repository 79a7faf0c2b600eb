"""What the certificate of a database is checked against."""

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator

import certifi

from core.http.databases.failures import BAD_AUTHORITY, BadTls
from core.http.databases.places import Place, Tls


def context_for(vendor: str, place: Place) -> ssl.SSLContext | None:
    """Return what a connection is wrapped in; None where it is not."""
    if place.tls == Tls.OFF:
        return None
    if place.authority:
        context = ssl.create_default_context()
        try:
            context.load_verify_locations(cadata=place.authority)
        except (ssl.SSLError, ValueError):
            raise BadTls(vendor, BAD_AUTHORITY) from None
    else:
        context = ssl.create_default_context(cafile=certifi.where())
        context.load_default_certs()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if place.tls == Tls.ENCRYPT:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextlib.contextmanager
def authorities(place: Place) -> Iterator[str]:
    """Give the path of the file of authorities, for libpq, which takes nothing else."""
    if not place.authority:
        yield os.environ.get("SSL_CERT_FILE") or certifi.where()
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="ascii") as file:
        file.write(place.authority)
        file.flush()
        yield file.name

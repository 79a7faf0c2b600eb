"""The same guard for what speaks no HTTP: a socket to an address that may be dialled,
for a database's driver.

A name is resolved once and refused if any of its addresses is not public (core.http.addresses). A
driver that takes a socket gets it from `dial`; one that takes an address alone gets
`checked_addresses`, and must not resolve by itself: psycopg has `hostaddr` for that beside `host`,
which the certificate goes by.
"""

import socket
import time
from collections.abc import Sequence
from typing import Any

from core.http.addresses import Address, named, resolve

Options = Sequence[tuple[Any, ...]]


def checked_addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as texts and in the resolver's order;
    raise Refused if any is not public.

    Raise socket.gaierror when the name cannot be resolved.
    """
    texts = [str(address.sockaddr[0]) for address in resolve(named(host), port)]
    return list(dict.fromkeys(texts))


def dial(host: str, port: int, timeout: float) -> socket.socket:
    """Return a socket to the first address of the host that answers, all within `timeout` seconds.

    Raise Refused if any of its addresses is not public, socket.gaierror when the name cannot be
    resolved, and the last OSError when none answers. The socket keeps the time-out until its owner
    sets another.
    """
    addresses = resolve(named(host), port)
    ends = time.monotonic() + timeout
    failure: OSError = OSError("The name has no address")
    for waiting, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        # An address that does not answer leaves the others their share of the time.
        share = (ends - time.monotonic()) / waiting
        try:
            dialled = connected(address, share)
        except OSError as error:
            failure = error
            continue
        dialled.settimeout(timeout)
        return dialled
    raise failure


def connected(
    address: Address,
    timeout: float,
    options: Options = (),
    kind: type[socket.socket] = socket.socket,
) -> socket.socket:
    """Return a socket that is connected to this address."""
    dialled = kind(address.family, socket.SOCK_STREAM)
    try:
        for option in options:
            dialled.setsockopt(*option)
        dialled.settimeout(max(0.001, timeout))
        dialled.connect(address.sockaddr)
    except OSError:
        dialled.close()
        raise
    return dialled

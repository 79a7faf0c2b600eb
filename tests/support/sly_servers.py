"""Servers that speak a database's language and want its client elsewhere:
to another server, or to a file.
"""

import contextlib
import socket
import struct
import threading
from abc import ABC, abstractmethod
from typing import Any, Self

import bson


class Sly(ABC):
    """A server of one protocol, a thread for each connection; a context manager."""

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_failure: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                visitor, _from = self._listener.accept()
                threading.Thread(target=self._speak, args=(visitor,), daemon=True).start()

    def _speak(self, visitor: socket.socket) -> None:
        with visitor, contextlib.suppress(OSError, EOFError):
            self.speak(visitor)

    @abstractmethod
    def speak(self, visitor: socket.socket) -> None:
        """Talk to one visitor, until the connection is to end."""


def taken(visitor: socket.socket, size: int) -> bytes:
    """Return exactly so many bytes; EOFError where there are no more."""
    found = b""
    while len(found) < size:
        piece = visitor.recv(size - len(found))
        if not piece:
            raise EOFError
        found += piece
    return found


class SlyMongo(Sly):
    """Says that it belongs to a set whose other members are at `elsewhere`,
    and lets everybody in.
    """

    def __init__(self, elsewhere: str) -> None:
        self.elsewhere = elsewhere
        self.asked: list[str] = []

    def speak(self, visitor: socket.socket) -> None:
        while True:
            size, number, _to, code = struct.unpack("<iiii", taken(visitor, 16))
            body = taken(visitor, size - 16)
            if code == 2013:
                command = bson.decode(body[5:])
                answer = struct.pack("<IB", 0, 0) + bson.encode(self._answer(command))
                visitor.sendall(struct.pack("<iiii", 16 + len(answer), 1, number, 2013) + answer)
            else:
                command = bson.decode(body[body.index(b"\0", 4) + 9 :])
                answer = struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(self._answer(command))
                visitor.sendall(struct.pack("<iiii", 16 + len(answer), 1, number, 1) + answer)

    def _answer(self, command: dict[str, Any]) -> dict[str, Any]:
        name = next(iter(command))
        self.asked.append(name)
        if name.lower() in {"hello", "ismaster"}:
            return {
                "ok": 1.0,
                "ismaster": False,
                "isWritablePrimary": False,
                "secondary": True,
                "setName": "rs0",
                "hosts": [self.elsewhere],
                "primary": self.elsewhere,
                "me": self.elsewhere,
                "minWireVersion": 0,
                "maxWireVersion": 21,
                "maxBsonObjectSize": 16_777_216,
                "maxMessageSizeBytes": 48_000_000,
                "maxWriteBatchSize": 1000,
            }
        if name == "saslStart":
            return {
                "ok": 0.0,
                "code": 18,
                "codeName": "AuthenticationFailed",
                "errmsg": "Authentication failed.",
            }
        return {"ok": 1.0, "cursor": {"id": 0, "ns": "x.y", "firstBatch": []}}


class SlyMySql(Sly):
    """Lets everybody in, and answers every query with a wish for a file of the client's."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.wishes = 0
        self.got: list[bytes] = []

    def speak(self, visitor: socket.socket) -> None:
        greeting = (
            b"\x0a8.0.36\0"
            + struct.pack("<I", 7)
            + b"a" * 8
            + b"\0"
            + struct.pack("<H", 0xF7FF - 0x0800)
        )
        greeting += (
            b"\x2d"
            + struct.pack("<H", 2)
            + struct.pack("<H", 0x000F | 0x0008)
            + b"\x15"
            + b"\0" * 10
        )
        greeting += b"b" * 12 + b"\0" + b"mysql_native_password\0"
        self._send(visitor, 0, greeting)
        self._take(visitor)
        self._send(visitor, 2, b"\0\0\0\x02\0\0\0")
        while True:
            number, packet = self._take(visitor)
            if (
                packet[:1] == b"\x03"
                and packet[1:4] != b"SET"
                and not packet[1:].startswith(b"START")
            ):
                self.wishes += 1
                self._send(visitor, number + 1, b"\xfb" + self.file.encode())
                self.got.append(self._take(visitor)[1])
            self._send(visitor, number + 1, b"\0\0\0\x02\0\0\0")

    def _send(self, visitor: socket.socket, number: int, body: bytes) -> None:
        visitor.sendall(struct.pack("<I", len(body))[:3] + bytes([number]) + body)

    def _take(self, visitor: socket.socket) -> tuple[int, bytes]:
        head = taken(visitor, 4)
        return head[3], taken(visitor, int.from_bytes(head[:3], "little"))

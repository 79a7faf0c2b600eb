"""TLS before a server that speaks none, with a certificate of an authority that only tests know."""

import contextlib
import socket
import ssl
import subprocess
import threading
from pathlib import Path


class Authority:
    """An authority, and the certificate that it gave a name."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._openssl(
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Test-CA"
        )
        self._openssl(f"req -newkey rsa:2048 -nodes -keyout s.key -out s.csr -subj /CN={name}")
        (folder / "names").write_text(f"subjectAltName=DNS:{name}\n")
        self._openssl(
            "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -out s.pem -days 2 -extfile names"
        )
        self.certificate = folder / "s.pem"
        self.key = folder / "s.key"
        self.pem = (folder / "ca.pem").read_text()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, self.key)

    def _openssl(self, command: str) -> None:
        subprocess.run(
            ["openssl", *command.split()], cwd=self._folder, check=True, capture_output=True
        )


class TlsFront:
    """Listens, speaks TLS (PostgreSQL's way: after a question), and hands the bytes on to a port
    of this machine.
    """

    def __init__(self, port: int, context: ssl.SSLContext, *, postgres: bool) -> None:
        self._target = port
        self._context = context
        self._postgres = postgres
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def terminate(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _from = self._listener.accept()
                threading.Thread(target=self._carry, args=(caller,), daemon=True).start()

    def _carry(self, caller: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self._target)) as server,
        ):
            if self._postgres:
                caller.recv(8, socket.MSG_WAITALL)
                caller.sendall(b"S")
            # A pair, as one TLS socket is not read and written by two threads at once.
            inner, outer = socket.socketpair()
            threading.Thread(target=_copy, args=(server, inner), daemon=True).start()
            threading.Thread(target=_copy, args=(inner, server), daemon=True).start()
            with self._context.wrap_socket(caller, server_side=True) as spoken:
                _both(spoken, outer)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def _both(spoken: ssl.SSLSocket, plain: socket.socket) -> None:
    """Carry bytes both ways in one thread."""
    with plain:
        while True:
            moved = False
            for source, target in ((spoken, plain), (plain, spoken)):
                source.settimeout(0.005)
                try:
                    piece = source.recv(65536)
                except TimeoutError:
                    continue
                if not piece:
                    return
                moved = True
                target.settimeout(30)
                target.sendall(piece)
            if not moved and plain.fileno() < 0:
                return

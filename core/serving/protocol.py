"""uvicorn's HTTP protocol with an end to waiting: for a request's head to come,
and for an answer to be read.

    uvicorn config.asgi:application --http core.serving.protocol:Protocol

uvicorn itself ends only a connection that is idle between two requests;
bodies have their deadline in `bodies`.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# From the connection, or the first byte of a further request, to the end of the headers.
HEAD_SECONDS: Final = 20
# What a request may have beside its body: headers, trailers, and the lengths of eight bytes around
# each byte in chunks.
HEAD_BYTES: Final = 64 * 1024
MOST_AROUND_A_BYTE: Final = 8
# So much of an answer may wait here for its reader; beyond it the sender waits,
# and after so long for nobody.
UNREAD_BYTES: Final = 1024 * 1024
UNREAD_SECONDS: Final = 30

_REFUSAL: Final = b"HTTP/1.1 %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Protocol(HttpToolsProtocol):
    """Answers 408 to a head that does not end, 431 to one without measure,
    and leaves a reader who does not read.
    """

    received_bytes = body_bytes = 0
    head_timer: asyncio.TimerHandle | None = None
    unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=UNREAD_BYTES)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._stop_unread_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.received_bytes += len(data)
        super().data_received(data)
        if self.received_bytes > HEAD_BYTES + MOST_AROUND_A_BYTE * self.body_bytes:
            self._refuse(b"431 Request Header Fields Too Large")
        elif self._awaits_head():
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._stop_head_timer()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.received_bytes = self.body_bytes = 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.unread_timer = self.unread_timer or self.loop.call_later(
            UNREAD_SECONDS, self.transport.abort
        )

    def resume_writing(self) -> None:
        self._stop_unread_timer()
        super().resume_writing()

    def _awaits_head(self) -> bool:
        """Tell whether no request is being worked: what comes now belongs to the
        next one's head.
        """
        return self.cycle is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        self.head_timer = self.head_timer or self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _head_is_late(self) -> None:
        self.head_timer = None
        if self._awaits_head():
            self._refuse(b"408 Request Timeout")

    def _refuse(self, status: bytes) -> None:
        if self.transport.is_closing():
            return
        if not self._awaits_head():
            self.transport.abort()
            return
        self.transport.write(_REFUSAL % status)
        self.transport.close()

    def _stop_head_timer(self) -> None:
        if self.head_timer:
            self.head_timer.cancel()
            self.head_timer = None

    def _stop_unread_timer(self) -> None:
        if self.unread_timer:
            self.unread_timer.cancel()
            self.unread_timer = None

"""config.asgi under uvicorn with two workers, as the Procfile starts it:
deliveries, pages, hostile bytes, its end.
"""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from django.db import connection

from core.models import InboundEvent
from sandbox.services import free_port
from tests.support.deliveries import BY_TOKEN, STANDARD, body_of, standard_headers
from tests.support.house import PROGRAMS, ROOT, wait_for, web_line

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(180),
    pytest.mark.long(10),
]


class Served:
    """The web line of the Procfile on this test's database."""

    def __init__(self, log):
        self.port = free_port()
        database = connection.settings_dict
        url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
        env = {
            **os.environ,
            "PORT": str(self.port),
            "KOPPEL_BIND": "127.0.0.1",
            "DATABASE_URL": url,
        }
        env |= {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        }
        command = ["sh", "-c", f"exec {web_line()}"]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out)
        assert wait_for(self.answers, 90), log.read_text()

    def answers(self):
        try:
            return (
                b" 200 "
                in self.say(
                    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                )[:20]
            )
        except OSError:
            return False

    def say(self, raw):
        """Raw bytes in, all of the answer out."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connected:
            connected.sendall(raw)
            answer = b""
            while received := connected.recv(65536):
                answer += received
        return answer

    def get(self, target, *headers):
        lines = [
            b"GET " + target + b" HTTP/1.1",
            b"Host: localhost",
            b"Connection: close",
            *headers,
            b"",
            b"",
        ]
        return self.say(b"\r\n".join(lines))

    def post(self, path, body, headers):
        named = [f"{name}: {value}".encode() for name, value in headers.items()]
        first = [b"POST " + path.encode() + b" HTTP/1.1", b"Host: localhost", b"Connection: close"]
        return self.say(b"\r\n".join([*first, *named, b"", body]))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    made = Served(tmp_path_factory.mktemp("served") / "web.log")
    yield made
    made.process.terminate()
    made.process.wait(30)


def status(answer):
    return int(answer.split(b" ", 2)[1])


def test_deliveries_pages_and_hostile_bytes(served):
    body = body_of({"number": 1})
    length = {"Content-Length": str(len(body))}
    assert status(served.post(STANDARD, body, {**standard_headers(body), **length})) == 202
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert status(served.post(BY_TOKEN, chunked, {"Transfer-Encoding": "chunked"})) == 200
    assert InboundEvent.objects.count() == 2

    huge = b"x" * 3_000_000
    assert status(served.post(BY_TOKEN, huge, {"Content-Length": str(len(huge))})) == 413
    assert status(served.post(STANDARD, b"{}", {"Content-Length": "9" * 30})) in (400, 413)
    assert status(served.post(STANDARD, b"{}", {"Content-Length": "2"})) == 401
    assert InboundEvent.objects.count() == 2

    assert status(served.get(b"/sign-in")) == 200
    assert status(served.get(b"/static/admin/css/base.css")) == 200
    assert status(served.get(b"/admin/")) == 302
    for target in (
        b"/sign-in?\xff\xfe",
        b"/sign-in?a=%ff",
        b"/\xff\xfe",
        b"/%ff%00",
        b"/sign-in?" + b"a" * 20_000,
        b"/..%2f",
    ):
        assert status(served.get(target)) < 500
    assert b"Koppel-Secret" not in served.get(b"/sign-in", b"X_Forwarded_Host: Koppel-Secret")


def test_senders_that_do_not_send_hold_no_page_up(served):
    """More than all threads of both processes: each with a body that does not come,
    and a head that does not end.
    """
    token = (
        b"POST /api/auth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    )
    silent = [token + b"Content-Length: 1000\r\n\r\n{", token]
    senders = [socket.create_connection(("127.0.0.1", served.port), timeout=20) for _ in range(40)]
    for number, sender in enumerate(senders):
        sender.sendall(silent[number % 2])
    assert [status(served.get(page)) for page in (b"/healthz", b"/sign-in") * 4] == [200] * 8
    senders[0].sendall(b" " * 999)
    assert b" 400 " in senders[0].recv(20)
    for sender in senders:
        sender.close()


def test_five_megabytes_of_lists_from_a_stranger_cost_nothing(served):
    body = b"[" + b"[]," * 1_600_000 + b"[]]"
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    started = time.monotonic()
    answers = [served.post("/api/auth/token", body, headers) for _ in range(4)]
    assert {status(answer) for answer in answers} == {413}
    assert all(b'"error":"too_large"' in answer for answer in answers)
    assert time.monotonic() - started < 5


def test_a_killed_worker_is_replaced_and_a_killed_master_takes_its_workers_along(tmp_path):
    served = Served(tmp_path / "web.log")
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
    for child in children.read_text().split():
        if (
            b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
            and b"tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()
        ):
            os.kill(int(child), signal.SIGKILL)
    time.sleep(0.5)
    assert wait_for(served.answers, 60)

    served.process.kill()
    served.process.wait()

    def free():
        with socket.socket() as taken:
            return taken.connect_ex(("127.0.0.1", served.port)) != 0

    assert wait_for(free, 20), "nobody could start on this port again"

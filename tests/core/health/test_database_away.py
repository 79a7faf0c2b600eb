"""The database frozen, and away: pages and API say so at once, and go on by themselves
when it is back.
"""

import http.client
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.house import House, wait_for

# Seconds. It is three; a machine that is busy with other tests gets some more.
# Without a limit it is ten, or for ever.
AT_MOST = 8
TOKEN = (b'{"username": "nobody", "password": "nothing"}', {"Content-Type": "application/json"})
COOKIE = {"Cookie": "sessionid=" + "x" * 32}


class WebAlone(House):
    kinds = ("web",)


def ask(house, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=AT_MOST)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def page(house):
    return ask(house, "GET", "/sign-in", headers=COOKIE)


def token(house):
    return ask(house, "POST", "/api/auth/token", *TOKEN)


def serves(house):
    """Whether both answer as they do; whoever asks for tokens that often is told to wait."""
    return page(house)[0] == 200 and token(house)[0] in (401, 429)


def says_that_it_is_not_available(house):
    """More than there are threads, all at once: none waits behind another."""
    with ThreadPoolExecutor(30) as people:
        pages = [people.submit(page, house) for _ in range(20)]
        tokens = [people.submit(token, house) for _ in range(8)]
        health = [people.submit(ask, house, "GET", path) for path in ("/healthz", "/readyz")]
        answers = [future.result() for future in [*pages, *tokens]]
        healthz, readyz = (future.result() for future in health)
    assert {answer[0] for answer in answers} == {503}
    assert {answer[1]["Retry-After"] for answer in answers} == {"5"}
    assert b"Back in a moment" in answers[0][2]
    assert b'"error":"unavailable"' in answers[-1][2].replace(b": ", b":")
    assert healthz[0] == 200
    assert readyz[0] == 503
    assert b'"database": {"state": "missing"}' in readyz[2]


@pytest.mark.timeout(240)
def test_without_its_database_the_site_says_so_and_goes_on_when_it_is_back(tmp_path):
    with WebAlone(tmp_path) as house:
        assert serves(house), house.logs()

        stopped = house.freeze_postgres()
        try:
            says_that_it_is_not_available(house)
        finally:
            for process in reversed(
                stopped
            ):  # the server last: it clears away those that have ended
                os.kill(process, signal.SIGCONT)
        assert wait_for(lambda: serves(house), 20), house.logs()

        house.postgres.process.kill()
        house.postgres.process.wait()
        says_that_it_is_not_available(house)
        house.postgres.start()
        assert wait_for(lambda: serves(house), 20), house.logs()

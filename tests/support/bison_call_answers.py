"""Every operation of Email Bison's health and log asked once:
for the test that holds answers to the schema.
"""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse

from core.http.call_log import Attempt
from tests.support.crm_answers import Answered
from tests.support.people import client_of, member, organization, staff

LOG = "/api/bison/api-calls"
SUMMARY, SERIES = "/api/bison/health/summary", "/api/bison/health/series"


def answers() -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation, a successful call among them."""
    call = Attempt(
        {"vendor": "email-bison", "endpoint": "/api/users", "method": "GET", "attempt": 1}
    )
    call.log(status=200, elapsed_ms=7)
    client = client_of(staff(username="bison-health"))
    outsider = client_of(member("CEO", organization("Health outsiders"), "health-outsider"))
    for path in (SUMMARY, SERIES, LOG):
        yield "GET", path, client.get(path)
        yield "GET", path, outsider.get(path)
    yield "GET", f"{LOG}.csv", whole(client.get(f"{LOG}.csv"))
    yield "GET", SERIES, client.get(f"{SERIES}?hours=x")
    yield "GET", LOG, client.get(f"{LOG}?status=odd")
    yield "GET", f"{LOG}.csv", client.get(f"{LOG}.csv?from=never")


def whole(answer: Any) -> HttpResponse:
    """Return an answer that streams as one that has all of its content."""
    return HttpResponse(
        b"".join(answer.streaming_content), status=answer.status_code, headers=answer.headers
    )

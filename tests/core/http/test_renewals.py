"""A key that is had anew when the vendor refuses it, and limits and answers
that a client's maker watches.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from core.errors import BadCredentials, RateLimited, Temporary
from core.http import Answer, BearerKey, Costs, Limits, Quota
from core.http.auth import Auth, Outgoing
from core.masking import Secret
from core.models import ApiCall
from tests.support.raw_server import Talk, say, serving

pytestmark = pytest.mark.django_db
OLD, NEW = "old-access-token-of-a-vendor", "new-access-token-of-a-vendor"
REFUSED = say("401 Unauthorized", f"the token {OLD} is over".encode())
OK = say("200 OK", b"{}")


@dataclass(frozen=True)
class Token:
    """An access token with others to come, each given once."""

    secret: Secret
    others: list[Any] = field(default_factory=list)

    def apply(self, request: Outgoing) -> None:
        BearerKey(self.secret).apply(request)

    def renew(self) -> Auth | None:
        other = self.others.pop(0) if self.others else None
        if isinstance(other, Exception):
            raise other
        return Token(Secret(other), self.others) if other else None


def token(*others: Any) -> Token:
    return Token(Secret(OLD), list(others))


def sent(requests: list[bytes]) -> list[str]:
    return [request.split(b"Bearer ")[1].split(b"\r\n")[0].decode() for request in requests]


@pytest.mark.parametrize("method", ["get", "post", "patch", "put", "delete"])
def test_after_a_401_the_call_is_repeated_with_the_renewed_key_which_serves_the_next_calls_too(
    method: str, to: Any
) -> None:
    with serving(REFUSED, OK) as server:
        client = to(server, auth=token(NEW))
        body = {} if method in {"get", "delete"} else {"json": {"a": 1}}

        assert getattr(client, method)("/x", **body).status == 200
        assert client.get("/y").status == 200

        assert sent(server.requests) == [OLD, NEW, NEW]
    rows = ApiCall.objects.order_by("created_at", "id")
    assert [(row.attempt, row.status_code, row.success, row.api_key_used) for row in rows] == [
        (1, 401, False, OLD[-8:]),
        (2, 200, True, NEW[-8:]),
        (1, 200, True, NEW[-8:]),
    ]
    assert OLD not in rows[0].error_message


def test_a_second_401_is_the_end_and_nothing_is_renewed_again(to: Any) -> None:
    auth = token(NEW, "another-token-of-that-vendor")
    with serving(REFUSED) as server:
        with pytest.raises(BadCredentials):
            to(server, auth=auth).get("/")

        assert sent(server.requests) == [OLD, NEW]
    assert len(auth.others) == 1


def test_even_a_client_of_one_attempt_renews(to: Any) -> None:
    with serving(REFUSED, OK) as server:
        assert to(server, auth=token(NEW), limits=Limits(attempts=1)).get("/").status == 200


def test_where_nothing_better_is_to_be_had_the_refusal_stands(to: Any) -> None:
    with serving(REFUSED) as server:
        with pytest.raises(BadCredentials):
            to(server, auth=token()).get("/")

        assert len(server.requests) == 1


def test_what_goes_wrong_while_renewing_is_what_the_call_comes_to(to: Any) -> None:
    with serving(REFUSED) as server, pytest.raises(Temporary):
        to(server, auth=token(Temporary("custom", status=503))).get("/")


@pytest.mark.parametrize("talk", [say("403 Forbidden"), say("400 Bad")])
def test_no_other_refusal_renews(talk: Talk, to: Any) -> None:
    auth = token(NEW)
    with serving(talk) as server:
        with pytest.raises(Exception, match="Custom"):
            to(server, auth=auth, credential_statuses=(401, 403)).get("/")

        assert len(server.requests) == 1
    assert auth.others == [NEW]


def test_what_fails_for_a_moment_after_the_renewal_is_tried_again_as_ever(to: Any) -> None:
    with serving(REFUSED, say("503 Busy"), OK) as server:
        assert to(server, auth=token(NEW)).get("/").status == 200

        assert sent(server.requests) == [OLD, NEW, NEW]


# --- Limits that change, and answers that are watched ---------------------------------------------
def test_quotas_are_asked_for_before_each_call(to: Any) -> None:
    limits = iter([5, 1, 1, 1])
    with serving(OK) as server:
        client = to(
            server,
            quotas=lambda: [Quota("global", next(limits), 60)],
            limits=Limits(quota_wait=0, attempts=1),
        )
        client.get("/")

        with pytest.raises(RateLimited):
            client.get("/")

        assert len(server.requests) == 1


def test_each_answer_is_watched_before_it_is_judged_and_with_what_the_call_costs(to: Any) -> None:
    seen: list[tuple[int, str, Costs]] = []

    def watch(answer: Answer, costs: Costs) -> None:
        seen.append((answer.status, answer.headers.get("x-left", ""), costs))

    with serving(say("503 Busy", b"", "X-Left: 7"), OK) as server:
        to(server, on_answer=watch).get("/", quota_cost={"heavy": 2})

    assert seen == [(503, "7", {"heavy": 2}), (200, "", {"heavy": 2})]


def test_who_only_watches_leaves_the_limit_to_what_the_call_costs(to: Any) -> None:
    quotas = [Quota("global", 10, 60), Quota("heavy", 10, 60)]
    once = Limits(quota_wait=0, attempts=1)
    with serving(say("200 OK", b"{}", "RateLimit-Remaining: 0", "RateLimit-Reset: 60")) as server:
        client = to(server, quotas=quotas, limits=once, on_answer=lambda _answer, _costs: None)
        client.get("/", quota_cost={"heavy": 0})

        assert client.get("/", quota_cost={"global": 0}).status == 200
        with pytest.raises(RateLimited):
            client.get("/")


def test_who_watches_says_which_quota_the_answers_limit_speaks_of(to: Any) -> None:
    quotas = [Quota("global", 10, 60), Quota("heavy", 10, 60)]
    once = Limits(quota_wait=0, attempts=1)
    with serving(say("200 OK", b"{}", "RateLimit-Remaining: 0", "RateLimit-Reset: 60")) as server:
        client = to(
            server, quotas=quotas, limits=once, on_answer=lambda _answer, _costs: {"global": 0}
        )
        client.get("/")

        assert client.get("/", quota_cost={"heavy": 0}).status == 200
        with pytest.raises(RateLimited):
            client.get("/")

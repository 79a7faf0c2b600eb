"""A secret that a call carries in its body is cut out of what the vendor says back
before it is logged.
"""

import pytest

from core.errors import VendorError
from core.http import Client, Limits
from core.http.auth import secrets_in
from core.models import ApiCall
from tests.support.raw_server import serving

pytestmark = pytest.mark.django_db
CANARY = "a canary/with=odd&signs"


def reflect(caller, request):
    body = request.partition(b"\r\n\r\n")[2]
    caller.sendall(b"HTTP/1.1 422 No\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"name": "visible", "password": CANARY}},
        {"json": {"name": "visible", "users": [{"apiKey": CANARY}]}},
        {"data": {"name": "visible", "client_secret": CANARY, "refresh_token": CANARY[::-1]}},
    ],
)
def test_what_is_named_like_a_secret_is_not_logged_when_it_comes_back(settings, sent):
    with serving(reflect) as server:
        settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, server.host]
        with pytest.raises(VendorError):
            Client("custom", "test", server.url, limits=Limits(attempts=1, read=5, total=5)).post(
                "/x", **sent
            )

    error = ApiCall.objects.get().error_message
    assert "visible" in error
    assert "canary" not in error
    assert "yranac" not in error


@pytest.mark.parametrize(
    "body", [None, b"bytes", "text", 7, [], {"name": CANARY}, {"pin": "1234"}, {"key": None}]
)
def test_other_bodies_hide_nothing(body):
    assert secrets_in(body) == []


def test_a_body_that_never_ends_is_looked_into_only_so_far():
    body = {"password": {}}
    body["password"] = body
    assert secrets_in(body) == []

"""Each fault of a vendor gives the error that says what to do next, is logged,
and shows no secret.
"""

from typing import Any

import pytest
from django.utils import translation

from core.errors import (
    VENDOR_NAMES,
    BadCredentials,
    Misconfigured,
    RateLimited,
    Rejected,
    Temporary,
    VendorError,
)
from core.http import Client, HeaderKey, Limits
from core.masking import Secret
from core.models import ApiCall
from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db
ONCE = Limits(attempts=1, connect=2, read=1.5, total=4)


def fathom(sandbox: Sandbox, key: str = DEMO_KEYS[0], **options: Any) -> Client:
    options.setdefault("limits", ONCE)
    auth = HeaderKey("X-Api-Key", Secret(key))
    return Client("fathom", "main", sandbox.url("fathom", "/external/v1"), auth, **options)


def test_without_a_fault_there_is_an_answer(sandbox: Sandbox) -> None:
    answer = fathom(sandbox).get("/teams")

    assert answer.status == 200
    assert [team["name"] for team in answer.json()["items"]] == [
        "Sales Antwerp",
        "Success Antwerp",
        "Partners Antwerp",
    ]
    row = ApiCall.objects.get()
    assert (row.success, row.status_code, row.error_message, row.attempt) == (True, 200, "", 1)


@pytest.mark.parametrize(
    ("kind", "options", "error", "status"),
    [
        ("unauthorized", {}, BadCredentials, 401),
        ("forbidden", {}, Rejected, 403),
        ("not_found", {}, Rejected, 404),
        ("error", {"status": 400}, Rejected, 400),
        ("error", {"status": 409}, Rejected, 409),
        ("error", {"status": 422}, Rejected, 422),
        ("rate_limited", {"retry_after": "17"}, RateLimited, 429),
        ("rate_limited", {"retry_after": ""}, RateLimited, 429),
        ("error", {"status": 408}, Temporary, 408),
        ("error", {"status": 500}, Temporary, 500),
        ("error", {"status": 502}, Temporary, 502),
        ("error", {"status": 503}, Temporary, 503),
        ("error", {"status": 504}, Temporary, 504),
        ("html", {}, Misconfigured, 200),
        ("html", {"status": 403}, Rejected, 403),
        ("html", {"status": 502}, Temporary, 502),
        ("malformed", {}, Temporary, 200),
        ("cut", {}, Temporary, None),
        ("latency", {"seconds": 2.5}, Temporary, None),
        ("drip", {"seconds": 0.5}, Temporary, None),
    ],
)
def test_a_fault_gives_its_error(
    kind: str,
    options: dict[str, Any],
    error: type[VendorError],
    status: int | None,
    sandbox: Sandbox,
) -> None:
    sandbox.fault("fathom", kind, **options)

    with pytest.raises(VendorError) as raised:
        fathom(sandbox).get("/teams")

    assert type(raised.value) is error
    assert (raised.value.vendor, raised.value.status) == ("fathom", status)
    assert "Fathom" in raised.value.message
    assert "%(" not in raised.value.message
    assert DEMO_KEYS[0] not in str(raised.value)
    row = ApiCall.objects.get()
    assert (row.success, row.status_code) == (False, status)
    assert row.error_message


def test_an_unknown_key_is_a_bad_credential(sandbox: Sandbox) -> None:
    with pytest.raises(BadCredentials, match="does not accept the key"):
        fathom(sandbox, "not-one-of-the-demo-keys").get("/teams")


def test_an_empty_answer_is_an_answer_until_it_is_read_as_json(sandbox: Sandbox) -> None:
    sandbox.fault("fathom", "empty")
    answer = fathom(sandbox).get("/teams")

    with pytest.raises(Temporary, match="cannot be read"):
        answer.json()


def test_a_rate_limit_says_how_long(sandbox: Sandbox) -> None:
    sandbox.fault("fathom", "rate_limited", retry_after="17")

    with pytest.raises(RateLimited) as raised:
        fathom(sandbox).get("/teams")

    assert raised.value.retry_after == 17
    assert "17 seconds" in raised.value.message


def test_a_server_that_is_not_there_is_a_temporary_failure(sandbox: Sandbox, settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1:9"]

    with pytest.raises(Temporary):
        Client("fathom", "main", "http://127.0.0.1:9", limits=ONCE).get("/teams")

    assert not ApiCall.objects.get().success


@pytest.mark.parametrize(
    "key", ["", "two words", "line\r\nbreak: x", "caf\u00e9", "zero\u200bwidth", "nul\x00"]
)
def test_a_key_that_cannot_be_sent_is_a_bad_credential_and_nothing_is_sent(
    key: str, sandbox: Sandbox
) -> None:
    with pytest.raises(BadCredentials):
        fathom(sandbox, key).get("/teams")

    assert sandbox.journal("fathom") == []


def test_a_status_can_be_taken_as_an_answer(sandbox: Sandbox) -> None:
    sandbox.fault("fathom", "not_found")

    assert fathom(sandbox).get("/teams", ok=(200, 404)).status == 404
    row = ApiCall.objects.get()
    assert (row.success, row.outcome, row.status_code) == (None, "neutral", 404)
    assert row.error_message


def test_a_vendor_whose_403_means_the_key_says_so(sandbox: Sandbox) -> None:
    sandbox.fault("fathom", "forbidden")

    with pytest.raises(BadCredentials):
        fathom(sandbox, credential_statuses=(401, 403)).get("/teams")


def test_messages_name_the_vendor_as_people_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VENDOR_NAMES, "callhub", "CallHub")

    assert "CallHub" in Temporary("callhub").message
    assert "Email Bison" in Temporary("email_bison").message


def test_a_message_is_in_the_language_of_its_reader() -> None:
    error = RateLimited("fathom", retry_after=3)

    with translation.override("en"):
        assert (
            error.message == "Fathom takes no more requests for the moment. Try again in 3 seconds."
        )


@pytest.mark.parametrize("error", [Temporary, RateLimited, Rejected, BadCredentials, Misconfigured])
def test_every_error_is_a_vendor_error_that_can_be_shown(error: type[VendorError]) -> None:
    assert issubclass(error, VendorError)
    assert error("fathom").message.startswith(("Fathom", "The address of Fathom"))

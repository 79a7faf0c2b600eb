"""A session that ended while its page was open: back to that page by signing in,
and never to half a page.
"""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.core.signin.ways_in import signed_in
from tests.support.people import PASSWORD, person

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
CALLS = "http://testserver/calls?page=2"
ENDED = "Your session ended. Sign in again."


def asked_back(address: str) -> str:
    query = parse_qs(urlsplit(address).query)
    assert urlsplit(address).path == "/sign-in"
    assert query["ended"] == ["1"]
    return query["next"][0]


def test_what_htmx_fetches_for_nobody_sends_the_whole_page_to_sign_in_and_back():
    person("anna")
    client = Client()
    answer = client.get("/calls", headers={**HTMX, "HX-Current-URL": CALLS})
    assert (answer.status_code, answer.content) == (200, b"")
    sign_in = answer["HX-Redirect"]
    assert asked_back(sign_in) == "/calls?page=2"
    assert ENDED in client.get(sign_in).content.decode()
    back = client.post(
        "/sign-in", {"login": "anna", "password": PASSWORD, "next": asked_back(sign_in)}
    )
    assert back["Location"] == "/calls?page=2"
    assert signed_in(client)


def test_a_form_posted_by_nobody_leads_back_to_its_page_and_not_to_where_it_was_sent():
    answer = Client().post(
        "/settings/fathom/test", {"api_key": "x"}, headers={"Referer": "http://testserver/calls"}
    )
    assert answer.status_code == 302
    assert asked_back(answer["Location"]) == "/calls"


@pytest.mark.parametrize(
    "page_address",
    [
        "https://evil.example/calls",
        "http://testserver.evil.example/",
        "//evil.example/x",
        "http://[",
        "",
        "/calls",
    ],
)
def test_a_page_elsewhere_is_no_page_to_come_back_to(page_address):
    answer = Client().get("/calls", headers={**HTMX, "HX-Current-URL": page_address})
    assert asked_back(answer["HX-Redirect"]) == "/"
    answer = Client().post("/settings/fathom/test", headers={"Referer": page_address})
    assert asked_back(answer["Location"]) == "/"


def test_a_page_asked_for_by_nobody_leads_to_sign_in_as_ever_and_nothing_is_said_to_have_ended():
    client = Client()
    answer = client.get("/calls?page=2")
    assert answer["Location"] == "/sign-in?next=/calls%3Fpage%3D2"
    assert ENDED not in client.get(answer["Location"]).content.decode()


def test_signing_out_is_no_session_that_ended():
    person("anna")
    client = Client()
    client.post("/sign-in", {"login": "anna", "password": PASSWORD})
    assert "ended" not in client.post("/sign-out")["Location"]


def test_an_address_without_a_page_of_its_own_says_so_in_a_page():
    answer = Client().get("/preferences/theme")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "No page of its own" in answer.content.decode()


def test_over_the_api_a_refused_method_stays_json():
    answer = Client().delete("/api/auth/token")
    assert answer.status_code == 405
    assert answer.json()["error"] == "method_not_allowed"

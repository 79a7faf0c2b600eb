"""Whom an integration is shared with reads no addresses of people in the log of its calls."""

import pytest
from django.utils import timezone

from core.ids import uuid7
from core.models import ApiCall
from core.signin import roles
from integrations.logged import without
from tests.integrations.conftest import API, connected
from tests.support import people

pytestmark = pytest.mark.django_db
PAGES = "/dashboard/integrations"
PATHS = ("/contacts/Email/ada.lovelace@example.com", "/contacts/grace%40example.com?idProperty=…")
ANSWER = '{"message": "Contact with <ada.lovelace@example.com> exists: \\"grace%40example.com\\""}'
ADDRESSES = ("ada.lovelace@example.com", "grace%40example.com", "@example.com")


@pytest.fixture
def shared(closer, toybox):
    made = connected(closer, toybox)
    closer.patch(f"{API}/{made['id']}", {"isShared": True})
    for path in PATHS:
        ApiCall.objects.create(
            id=uuid7(),
            created_at=timezone.now(),
            vendor="toybox",
            integration_id=made["id"],
            endpoint=path,
            method="PATCH",
            status_code=409,
            response_time_ms=20,
            success=False,
            error_message=ANSWER,
        )
    return made


def page_of(client, user, shared, **asked):
    client.force_login(user, backend="core.signin.Backend")
    return client.get(f"{PAGES}/{shared['id']}/logs", asked).content.decode()


def log_of(user, shared):
    return people.client_of(user).get(f"{API}/{shared['id']}/logs").json()["results"]


@pytest.mark.parametrize("role", ["SETTER", "MANAGER", "CEO"])
def test_a_colleague_reads_no_address(client, shared, northwind, role):
    colleague = people.member(role, northwind, "colleague")
    shown = log_of(colleague, shared)
    assert {row["endpoint"] for row in shown} >= {"/contacts/Email/…", "/contacts/…?idProperty=…"}
    page = page_of(client, colleague, shared)
    assert "/contacts/Email/…" in page
    for address in ADDRESSES:
        assert address not in str(shown) + page


def test_a_search_finds_nothing_by_what_is_not_read(client, shared, northwind):
    colleague = people.member("SETTER", northwind, "colleague")
    for word in ("ada.lovelace", "ADA.LOVELACE@EXAMPLE.COM", "grace", "example.com"):
        assert "/contacts/" not in page_of(client, colleague, shared, search=word)
    assert "/contacts/Email/…" in page_of(client, colleague, shared, search="contacts/email")


def test_its_owner_and_staff_read_what_was_asked(client, shared, northwind):
    owner = northwind.members.get(user__username="closer").user
    for user in (owner, people.staff(), people.staff(roles.OPERATIONS_VIEWER, "looks")):
        assert {row["endpoint"] for row in log_of(user, shared)} >= set(PATHS)
        page = page_of(client, user, shared, search="ADA.LOVELACE@example.com")
        assert PATHS[0] in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/people/a@b.example", "/people/…"),
        ("/people/a%40b.example/notes", "/people/…/notes"),
        ("/people/a+tag%40b.example", "/people/…"),
        ("/me", "/me"),
        ('{"email":"zoë@b.example","id":7}', '{"email":"…","id":7}'),
        ("a@b.example, c@d.example", "…, …"),
        ("/p?at=…&n=1", "/p?at=…&n=1"),
    ],
)
def test_what_is_left_out(text, shown):
    assert without(text) == shown

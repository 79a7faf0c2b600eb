"""The same cast for every test: people of two organizations, staff,
and their ways of calling the API.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from rest_framework.test import APIClient, APIRequestFactory

from core.models import User
from core.signin import roles, tokens
from crm.models import AddressGrant, Member, Organization

PASSWORD = "correct-horse-battery"
# What the reps of the tests' organizations have addresses of;
# an organization that is to be refused has none.
GRANTED = (
    "contoso.example",
    "elsewhere.example",
    "example.com",
    "example.net",
    "example.org",
    "north.example",
)


def person(username: str = "", **values: Any) -> User:
    """Make a user with PASSWORD."""
    username = username or f"user-{uuid.uuid4().hex[:8]}"
    return User.objects.create_user(
        username, email=f"{username}@example.com", password=PASSWORD, **values
    )


def organization(
    name: str = "Northwind Sales", tier: str = "TEAM", granted: Iterable[str] = GRANTED
) -> Organization:
    made = Organization.objects.create(name=name, tier=tier)
    AddressGrant.objects.bulk_create(
        AddressGrant(organization=made, value=value) for value in granted
    )
    return made


def member(role: str, of: Organization, username: str = "") -> User:
    user = person(username)
    Member.objects.create(organization=of, user=user, role=role)
    return user


def everybody(of: Organization, prefix: str = "") -> dict[str, User]:
    """Make one person in each role, in two statements: hundreds of tests begin with them."""
    hashed = make_password(PASSWORD)
    names = {role: f"{prefix}{role.lower()}" for role in Member.Role.values}
    people = {
        role: User(username=name, email=f"{name}@example.com", password=hashed)
        for role, name in names.items()
    }
    User.objects.bulk_create(people.values())
    Member.objects.bulk_create(
        Member(organization=of, user=user, role=role) for role, user in people.items()
    )
    return people


def staff(group: str = roles.OPERATIONS_ADMIN, username: str = "") -> User:
    user = person(username, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def client_of(user: User | None = None) -> APIClient:
    """Return a client that sends a Bearer token (none for None).

    It shows a 500 as an answer instead of raising it.
    """
    client = APIClient(raise_request_exception=False)
    if user is not None:
        request = APIRequestFactory().post("/api/auth/token")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.start(user, request).access}")
    return client


def assert_error(response: Any, status: int, error: str = "") -> dict[str, Any]:
    """Assert that the answer is the one error body of the contract, with this status."""
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert body["success"] is False
    assert isinstance(body["error"], str)
    assert body["error"]
    assert isinstance(body["message"], str)
    assert body["message"]
    assert body["requestId"] == response["X-Request-ID"]
    if error:
        assert body["error"] == error
    return body


# Bodies that no write takes, even one that asks for nothing: content, kind, and what is answered.
BODIES_THAT_SAY_NOTHING: list[tuple[bytes, str, int]] = [
    (b"{bad", "application/json", 400),
    (b"\xff", "application/json", 400),
    (b"[]", "application/json", 400),
    (b'"text"', "application/json", 400),
    (b"{}", "text/plain", 415),
    (b'{"a": "' + b"x" * 6_000_000 + b'"}', "application/json", 413),
]

"""GET and PATCH /api/me."""

import pytest
from django.test import Client

from core.models import User
from core.signin import roles
from crm.models import Member
from tests.support import truth
from tests.support.people import assert_error, client_of, member, organization, person, staff

pytestmark = pytest.mark.django_db


def test_a_member_learns_who_they_are_and_where_they_belong(django_assert_num_queries):
    northwind = organization()
    user = member("MANAGER", northwind, "manager")
    Member.objects.create(organization=organization("Zeta", "FREE"), user=user, role="CLOSER")
    client = client_of(user)
    with django_assert_num_queries(4):  # the token, memberships, their organizations, groups
        answer = client.get("/api/me")
    truth.check("GET", "/api/me", answer)
    body = answer.json()
    assert body["organizations"][1]["name"] == "Zeta"
    assert body == {
        "id": str(user.pk),
        "username": "manager",
        "email": "manager@example.com",
        "name": "manager",
        "language": "en",
        "theme": "system",
        "timeZone": "Europe/Amsterdam",
        "isStaff": False,
        "roles": [],
        "organization": {
            "id": str(northwind.pk),
            "name": "Northwind Sales",
            "tier": "TEAM",
            "role": "MANAGER",
        },
        "organizations": body["organizations"],
    }
    assert body["organizations"][0] == body["organization"]


def test_staff_learn_their_roles_and_belong_nowhere():
    body = client_of(staff(roles.AUDITOR)).get("/api/me").json()
    assert (body["isStaff"], body["roles"], body["organization"], body["organizations"]) == (
        True,
        ["Auditor"],
        None,
        [],
    )


def test_language_theme_and_time_zone_are_changed_and_the_rest_is_not():
    user = person("anna")
    client = client_of(user)
    change = {
        "language": "nl",
        "theme": "dark",
        "timeZone": "America/New_York",
        "isStaff": True,
        "username": "root",
        "id": "1",
    }
    answer = client.patch("/api/me", change)
    truth.check("PATCH", "/api/me", answer)
    assert (answer.status_code, answer.json()["language"]) == (200, "nl")
    user.refresh_from_db()
    assert (user.language, user.theme, user.time_zone) == ("nl", "dark", "America/New_York")
    assert (user.is_staff, user.username) == (False, "anna")
    assert client.patch("/api/me", {}).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "xx"),
        ("language", None),
        ("theme", "neon"),
        ("timeZone", "Mars/Olympus"),
        ("timeZone", ""),
        ("timeZone", "../etc/passwd"),
        ("timeZone", 7),
        ("timeZone", True),
        ("timeZone", ["UTC"]),
    ],
)
def test_a_value_that_is_none_of_those_there_are_changes_nothing(field, value):
    user = person("anna")
    answer = client_of(user).patch("/api/me", {"theme": "dark", field: value})
    truth.check("PATCH", "/api/me", answer)
    assert set(assert_error(answer, 400, "invalid")["fields"]) == {field}
    assert User.objects.get().theme == "system"


def test_the_language_of_the_person_wins_over_the_browsers():
    client = client_of(person("bram", language="nl"))
    answer = client.get("/api/me", HTTP_ACCEPT_LANGUAGE="fr")
    assert answer["Content-Language"] == "nl"
    assert client_of().get("/api/me", HTTP_ACCEPT_LANGUAGE="fr")["Content-Language"] == "fr"


def test_only_read_and_change_are_possible():
    client = client_of(person())
    for method in ("post", "put", "delete"):
        assert_error(getattr(client, method)("/api/me", {}), 405, "method_not_allowed")


def test_who_has_not_chosen_a_language_is_spoken_to_as_their_browser_asks():
    user = person("chloe")
    assert (
        client_of(user).get("/api/me", headers={"accept-language": "fr"}).json()["language"] == "fr"
    )
    pages = Client()
    pages.force_login(user)
    page = pages.get("/settings/profile", headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="fr"' in page
    assert '<option value="fr" selected>' in page


def test_the_organization_is_the_one_chosen_in_the_session(client):
    northwind, zeta = organization(), organization("Zeta")
    user = member("CEO", northwind)
    Member.objects.create(organization=zeta, user=user, role="CLOSER")
    client.force_login(user, backend="core.signin.Backend")
    assert client.get("/api/me").json()["organization"]["name"] == "Northwind Sales"
    client.post("/preferences/organization", {"organization": str(zeta.pk), "next": "/"})

    shown = client.get("/api/me").json()

    assert shown["organization"] == {
        "id": str(zeta.pk),
        "name": "Zeta",
        "tier": "TEAM",
        "role": "CLOSER",
    }
    assert [row["name"] for row in shown["organizations"]] == ["Northwind Sales", "Zeta"]


def test_an_admin_who_looks_at_another_organization_is_admin_there(client):
    contoso = organization("Contoso")
    client.force_login(member("ADMIN", organization()), backend="core.signin.Backend")
    client.post("/preferences/organization", {"organization": str(contoso.pk), "next": "/"})

    shown = client.get("/api/me").json()

    assert (shown["organization"]["name"], shown["organization"]["role"]) == ("Contoso", "ADMIN")
    assert [row["name"] for row in shown["organizations"]] == ["Northwind Sales"]


@pytest.mark.parametrize("zone", ["localtime", "Factory", "Mars/Olympus"])
def test_what_is_no_place_is_no_time_zone(zone):
    user = member("CEO", organization())
    for path, body in (
        ("/api/me", {"timeZone": zone}),
        ("/api/organization", {"settings": {"timeZone": zone}}),
    ):
        assert_error(client_of(user).patch(path, body), 400)
    assert User.objects.get().time_zone == "Europe/Amsterdam"

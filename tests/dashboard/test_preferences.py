"""Language, theme and profile: kept with the person and in the browser."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from core.models import Run, User
from core.signin import profile
from crm.models import Organization, SalesRep
from tests.dashboard.conftest import signed_in
from tests.support import people

GOOD = {
    "first_name": "Ada",
    "last_name": "L",
    "language": "nl",
    "theme": "dark",
    "time_zone": "Europe/Paris",
}


@pytest.fixture
def ada(db: None) -> User:
    return people.person("ada")


def test_a_theme_is_kept_with_the_person_and_in_the_browser(ada: User):
    client = signed_in(ada)
    answer = client.post("/preferences/theme", {"theme": "dark", "next": "/settings/profile"})
    assert answer["Location"] == "/settings/profile"
    assert answer.cookies["koppel_theme"].value == "dark"
    assert answer.cookies["koppel_theme"]["httponly"]
    ada.refresh_from_db()
    assert ada.theme == "dark"
    assert (
        '<html lang="en" dir="ltr" data-theme="dark"'
        in client.get("/settings/profile").content.decode()
    )


def test_a_theme_chosen_before_signing_in_is_kept_in_the_browser(client: Client, db: None):
    client.post("/preferences/theme", {"theme": "light"})
    assert 'data-theme="light"' in client.get("/sign-in").content.decode()


def test_the_system_theme_leaves_the_page_to_the_system(client: Client, db: None):
    client.post("/preferences/theme", {"theme": "system"})
    assert "data-theme=" not in client.get("/sign-in").content.decode()


def test_a_language_is_kept_with_the_person_and_in_the_browser(ada: User):
    client = signed_in(ada)
    answer = client.post("/preferences/language", {"language": "fr"})
    assert answer.cookies["django_language"].value == "fr"
    ada.refresh_from_db()
    assert ada.language == "fr"
    assert '<html lang="fr"' in client.get("/").content.decode()


@pytest.mark.parametrize("what", ["theme", "language"])
@pytest.mark.parametrize("value", ["", "neon", "en' or 1=1", "x" * 5000])
def test_a_value_that_is_not_offered_is_refused_and_nothing_changes(
    ada: User, what: str, value: str
):
    answer = signed_in(ada).post(f"/preferences/{what}", {what: value})
    assert answer.status_code == 400
    assert not answer.cookies
    ada.refresh_from_db()
    assert (ada.theme, ada.language) == ("system", "")


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil", ""]
)
def test_the_way_back_never_leaves_koppel(ada: User, back: str):
    answer = signed_in(ada).post("/preferences/theme", {"theme": "dark", "next": back})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("what", ["theme", "language"])
def test_a_preference_is_changed_by_post_with_a_token_alone(ada: User, what: str):
    assert signed_in(ada).get(f"/preferences/{what}").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/preferences/{what}", {what: "dark"}).status_code == 403


def test_a_profile_is_saved_and_the_page_speaks_the_new_language(ada: User):
    client = signed_in(ada)
    answer = client.post("/settings/profile", GOOD, follow=True)
    ada.refresh_from_db()
    assert {name: getattr(ada, name) for name in GOOD} == GOOD
    assert answer.client.cookies["django_language"].value == "nl"
    assert '<html lang="nl" dir="ltr" data-theme="dark"' in answer.content.decode()
    assert "Je profiel is opgeslagen." in answer.content.decode()


@pytest.mark.parametrize(
    "bad",
    [{"time_zone": "Mars/Olympus"}, {"language": "xx"}, {"theme": ""}, {"first_name": "x" * 151}],
)
def test_a_profile_that_is_refused_is_not_saved(ada: User, bad: dict[str, str]):
    answer = signed_in(ada).post("/settings/profile", GOOD | bad)
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    ada.refresh_from_db()
    assert (ada.first_name, ada.language, ada.theme) == ("", "", "system")


def test_the_service_refuses_an_unknown_zone_by_itself(ada: User):
    with pytest.raises(ValidationError):
        profile.change(ada, first_name="Ada", time_zone="Mars/Olympus")
    assert (ada.first_name, ada.time_zone) == ("", "Europe/Amsterdam")
    with pytest.raises(TypeError, match="is_staff"):
        profile.change(ada, is_staff="1")


def test_times_are_shown_in_the_persons_own_zone(ada: User):
    run = Run.objects.create(kind="k", state="queued")
    Run.objects.filter(pk=run.pk).update(created_at=datetime(2026, 7, 1, 12, tzinfo=UTC))
    User.objects.filter(pk=ada.pk).update(is_staff=True, time_zone="America/New_York")
    assert "1 July 2026 08:00:00 EDT" in signed_in(ada).get(f"/runs/{run.pk}").content.decode()
    User.objects.filter(pk=ada.pk).update(time_zone="Mars/Olympus")
    assert "1 July 2026 12:00:00 UTC" in signed_in(ada).get(f"/runs/{run.pk}").content.decode()


def test_staff_look_at_one_organization_until_they_look_at_all_again(
    ops: Client, northwind: Organization, contoso: Organization
):
    for organization in (northwind, contoso):
        SalesRep.objects.create(
            organization=organization, name=f"Rep of {organization.name}", email="rep@example.com"
        )
    assert "All organizations" in ops.get("/").content.decode()
    page = ops.get("/organizations", {"search": "north"}).content.decode()
    assert "Northwind Sales" in page
    assert "Contoso Growth" not in page
    ops.post("/preferences/organization", {"organization": str(northwind.pk)})
    reps = ops.get("/calls/reps").content.decode()
    assert "Rep of Northwind" in reps
    assert "Rep of Contoso" not in reps
    ops.post("/preferences/organization", {"organization": ""})
    assert "Rep of Contoso" in ops.get("/calls/reps").content.decode()


def test_only_staff_choose_among_all_organizations(ceo: Client, contoso: Organization):
    assert ceo.get("/organizations").status_code == 404
    assert ceo.post("/preferences/organization", {"organization": ""}).status_code == 404
    assert (
        ceo.post("/preferences/organization", {"organization": str(contoso.pk)}).status_code == 404
    )

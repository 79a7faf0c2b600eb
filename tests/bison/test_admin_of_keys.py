"""The portal's lists of imported keys and of hours of keys show what became of them, and no key."""

import pytest
from django.test import Client

from bison.models import ImportedKey, NameTaken
from core.models import ApiKeyHour
from core.signin import roles
from tests.support.people import person, staff
from tests.support.rows import MAKERS

SECRET = "12|abcdefghijklmnopqrstuvwx"

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(person(is_staff=True, is_superuser=True), backend="core.signin.Backend")
    return client


def test_an_imported_key_is_shown_without_its_key(chief: Client) -> None:
    MAKERS["bison.importedkey"](1)
    row = ImportedKey.objects.get()
    ImportedKey.objects.update(facts={"name": "From the file", "type": "workspace"})
    for path in ("", f"{row.pk}/change/"):
        page = chief.get(f"/admin/bison/importedkey/{path}").content.decode()
        assert "From the file" in page
        # The word of the run that tried it.
        assert "Another workspace" in page
        assert SECRET[3:] not in page


def test_an_hour_of_a_key_is_shown_by_its_last_characters(chief: Client) -> None:
    MAKERS["core.apikeyhour"](2)
    ApiKeyHour.objects.filter(api_key_used="00000001").update(workspace_name="Aspen Labs")
    page = chief.get("/admin/core/apikeyhour/?q=00000001").content.decode()
    assert "…00000001" in page
    assert "…00000000" not in page
    row = ApiKeyHour.objects.get(api_key_used="00000001")
    assert "Aspen Labs" in chief.get(f"/admin/core/apikeyhour/{row.pk}/change/").content.decode()


def test_the_names_of_a_workspace_are_found(chief: Client) -> None:
    MAKERS["bison.nametaken"](2)
    assert "Client 1" in chief.get("/admin/bison/nametaken/?q=Client 1").content.decode()
    assert NameTaken.objects.count() == 2


def test_auditors_find_neither_keys_nor_names(client: Client) -> None:
    client.force_login(staff(roles.AUDITOR), backend="core.signin.Backend")
    for label in ("importedkey", "nametaken"):
        assert client.get(f"/admin/bison/{label}/").status_code == 403

"""What runs and their outcomes are called: an app's own words in the reader's language, else the key made readable."""

import pytest
from django.test import Client
from django.utils.translation import gettext_lazy as _

from core import runs
from core.runs import kinds
from crm.models import Organization
from tests.dashboard.conftest import make_run, signed_in
from tests.support import people


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_declared", {})
    # Any words that are in the catalogues serve.
    words = {"no_one": _("Organization"), "seen": _("Organization")}
    runs.declare(runs.Kind("tidy_up", _("Settings"), work="tests.nothing", words=words))


@pytest.mark.usefixtures("declared")
def test_a_declared_kind_and_its_outcomes_are_said_in_the_readers_language(northwind: Organization):
    run = make_run(northwind, kind="tidy_up", outcomes={"no_one": 2, "odd_thing": 1}, evidence={"seen": 3})
    user = people.member("CEO", northwind)
    user.language = "nl"
    user.save()
    client = signed_in(user)
    assert "Instellingen" in client.get("/runs").content.decode()
    answer = client.get(f"/runs/{run.pk}")
    assert "<h1>Instellingen</h1>" in answer.content.decode()
    assert answer.context["evidence"] == [("Organisatie", "3")]
    assert ("Odd thing", 1) in answer.context["outcomes"]


@pytest.mark.usefixtures("declared")
def test_a_word_belongs_to_its_kind_alone(ceo: Client, northwind: Organization):
    run = make_run(northwind, kind="other_kind", outcomes={"no_one": 2})
    answer = ceo.get(f"/runs/{run.pk}")
    assert "<h1>Other kind</h1>" in answer.content.decode()
    assert answer.context["outcomes"] == [("No one", 2)]

"""What went wrong with a run is kept so that each reader reads it in their own language."""

import pytest
from django.test import Client
from django.utils import translation

from core import runs
from core.errors import BadCredentials, Rejected
from core.models import Run
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.runs import start

pytestmark = pytest.mark.django_db

REFUSED = "Fathom does not accept the key. Enter a valid one and test the connection."
REFUSED_IN_DUTCH = "Fathom accepteert de sleutel niet. Vul een geldige in en test de verbinding."


def ended_with(error: Exception, **values) -> Run:
    run, _new = start("fathom.sync", **values)
    with runs.work(run.pk):
        raise error
    return Run.objects.get(pk=run.pk)


@pytest.fixture(autouse=True)
def english():
    """A request leaves its language to the thread that answered it."""
    with translation.override("en"):
        yield


@pytest.fixture
def refused():
    northwind = people.organization()
    with translation.override("fr"):
        run = ended_with(BadCredentials("fathom", status=401), organization_id=northwind.pk)
    return run, people.member("CEO", northwind)


def test_whoever_was_there_when_it_failed_does_not_choose_the_language(refused):
    run, _ceo = refused

    assert run.error == REFUSED
    assert run.error_said == {
        "text": "%(vendor)s does not accept the key. Enter a valid one and test the connection.",
        "facts": {"vendor": "Fathom", "status": 401, "seconds": 0},
    }


def test_the_api_says_it_in_the_readers_language(refused):
    run, ceo = refused
    client = people.client_of(ceo)

    for language, words in (("nl", REFUSED_IN_DUTCH), ("en", REFUSED)):
        shown = client.get(f"/api/runs/{run.pk}", headers={"accept-language": language}).json()
        listed = client.get("/api/runs", headers={"accept-language": language}).json()["results"]
        assert (shown["error"], [row["error"] for row in listed]) == (words, [words])


@pytest.mark.parametrize("path", ["/runs/{run}", "/settings/fathom/sync"])
def test_the_pages_say_it_in_the_readers_language(path: str, refused):
    run, ceo = refused

    page = (
        signed_in(ceo)
        .get(path.format(run=run.pk), headers={"accept-language": "nl"})
        .content.decode()
    )

    assert REFUSED_IN_DUTCH in page
    assert REFUSED not in page


def test_the_admin_says_it_in_the_readers_language(refused):
    run, _ceo = refused
    client = Client()
    client.force_login(people.staff())

    page = client.get(
        f"/admin/core/run/{run.pk}/change/", headers={"accept-language": "nl"}
    ).content.decode()

    assert REFUSED_IN_DUTCH in page
    assert REFUSED not in page


def test_what_could_not_be_vouched_for_is_said_with_its_numbers():
    run, _new = start("probe.sync")
    with runs.work(run.pk) as work:
        work.must_add_up("fetched")
        work.add(counts={"fetched": 3}, outcomes={"imported": 2})
    run.refresh_from_db()

    with translation.override("nl"):
        in_dutch = run.why

    assert run.error == "The outcomes do not add up: 2 for 3 fetched."
    assert in_dutch == "De uitkomsten kloppen niet: 2 bij 3 fetched."


def test_the_status_that_a_vendor_answered_with_is_kept():
    run = ended_with(Rejected("fathom", status=422))

    words = (
        "Fathom refused the request (422). Check what was asked for; the same again will not help."
    )
    assert run.error == run.why == words


@pytest.mark.parametrize(
    "kept",
    [{}, {"text": ""}, {"text": "%(vendor)s does not accept the key.", "facts": {"provider": "x"}}],
)
def test_a_row_that_cannot_be_said_again_is_shown_as_it_is(kept):
    run = Run(error="100% of it was lost.", error_said=kept)

    with translation.override("nl"):
        assert run.why == "100% of it was lost."


def test_words_with_a_sign_of_percent_and_no_facts_are_said_as_they_are():
    run, _new = start("probe.sync")
    with runs.work(run.pk) as work:
        work.incomplete("Only 98% came.")
    run.refresh_from_db()

    assert run.error == run.why == "Only 98% came."

"""Settings → Fathom sync: who may start what, what is under way, what came of it,
the ledger and the queue.
"""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.errors import RateLimited
from core.http import Limits
from core.models import Run
from crm import services
from fathom_sync.client import FathomClient
from tests.dashboard.conftest import make_run, signed_in
from tests.fathom_sync.cast import CHLOES_ALIAS, chloe, installation, point_at, synced
from tests.support import people

PAGES = ["/settings/fathom/sync", "/settings/fathom/sync/live"]
pytestmark = pytest.mark.usefixtures("no_calls_stay")
STRANGER = "anna.kowalska@example.com"


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def account(db: None) -> Any:
    return installation()


@pytest.fixture
def fetched(account: Any, northwind: Any, sandbox: Any, settings: Any, monkeypatch: Any) -> Any:
    """A sync has run: Chloe's meetings are here, all others wait."""
    rep = chloe(northwind)
    fathom = point_at(sandbox, settings, monkeypatch)
    fathom.turn("fathom", meetings=60)
    for recorder in (STRANGER, CHLOES_ALIAS):  # whoever the last sixty are of
        fathom.act("fathom", "arrive", count=2, recorded_by=recorder)
    synced(account)
    return rep


# --- Whose page it is -----------------------------------------------------------------------------
@pytest.mark.parametrize("path", PAGES)
def test_whoever_runs_an_organization_has_the_page_and_nobody_else(
    path: str, northwind: Any, ops: Client, ceo: Client
):
    manager = signed_in(people.member("MANAGER", northwind, "manager"))
    assert [client.get(path).status_code for client in (ops, ceo, manager)] == [200, 200, 200]
    for role in ("CLOSER", "SETTER"):
        assert signed_in(people.member(role, northwind, role.lower())).get(path).status_code == 404
    assert Client().get(path).status_code == 302


def test_the_tab_stands_where_the_page_is(ceo: Client, closer: Client):
    link = 'href="/settings/fathom/sync"'
    assert link in text(ceo.get("/settings/profile"))
    assert link not in text(closer.get("/settings/profile"))


def test_staff_who_only_look_start_nothing(account: Any):
    viewer = signed_in(people.staff("Operations viewer"))
    assert "Reset &amp; sync" not in text(viewer.get(PAGES[0]))
    assert viewer.post(PAGES[0], {"what": "new"}).status_code == 403
    assert not Run.objects.exists()


# --- Starting -------------------------------------------------------------------------------------
def test_without_a_key_the_page_says_where_to_enter_one(ceo: Client):
    page = text(ceo.get(PAGES[0]))
    assert "No key for Fathom yet" in page
    assert 'href="/settings/fathom"' in page
    ceo.post(PAGES[0], {"what": "new"})
    assert not Run.objects.exists()


def test_an_organization_asks_for_its_own_reps_and_staff_for_everybody(
    account: Any, northwind: Any, ceo: Client, ops: Client
):
    ceo.post(PAGES[0], {"what": "range", "hours": "168"})
    own = Run.objects.get()
    assert own.organization_id == northwind.pk
    assert own.subject_id == account.pk
    assert own.parameters == {
        "hours": 168, "rep": None, "organization": str(northwind.pk), "reset": True,
    }  # fmt: skip
    assert own.started_by.username == "ceo"

    ops.post(PAGES[0], {"what": "new"})
    whole = Run.objects.exclude(pk=own.pk).get()
    assert (whole.organization_id, whole.parameters["hours"], whole.parameters["reset"]) == (
        None,
        None,
        False,
    )


def test_what_runs_stands_before_what_waits_for_it_however_much_that_is(account: Any, ops: Client):
    wishes: list[dict[str, Any]] = [
        {"hours": 24},
        {"reset": True},
        *({"hours": hours} for hours in (168, 720, 800, 900, 950)),
    ]
    made = [make_run(kind="fathom.sync", state="queued", parameters=wish) for wish in wishes]
    Run.objects.filter(pk=made[0].pk).update(state="running", counts={"processed": 30})
    page = text(ops.get("/settings/fathom/sync/live"))
    under_way = page[: page.index('<h2 id="history">')]
    assert [f"/runs/{run.pk}" in under_way for run in made] == [True] * 5 + [False] * 2
    places = [
        under_way.index(word)
        for word in (
            "Meetings looked at: 30",
            "24 hours",
            "Waiting to start",
            "Everything",
            "7 days",
            "30 days",
        )
    ]
    assert places == sorted(places)


def test_what_is_under_way_is_joined_and_said_so(account: Any, ceo: Client):
    ceo.post(PAGES[0], {"what": "new"})
    page = text(ceo.post(PAGES[0], {"what": "new"}, follow=True))
    assert "A sync is under way already; this is it." in page
    assert Run.objects.count() == 1


def test_a_sync_that_does_less_is_followed_by_the_wanted_one(account: Any, ceo: Client):
    ceo.post(PAGES[0], {"what": "new"})
    page = text(ceo.post(PAGES[0], {"what": "range", "hours": "720"}, follow=True))
    assert "Another sync is under way; yours starts after it." in page
    wanted = Run.objects.get(parameters__hours=720)
    assert (wanted.state, wanted.parameters["reset"]) == ("queued", True)


@pytest.mark.parametrize("hours", ["", "25", "x", "8760", "-1", "24\0"])
def test_a_range_that_was_not_offered_starts_nothing(hours: str, account: Any, ceo: Client):
    assert ceo.post(PAGES[0], {"what": "range", "hours": hours}).status_code == 400
    assert not Run.objects.exists()


# --- While it runs, and after ---------------------------------------------------------------------
def test_the_bar_is_true_and_asks_again_while_a_sync_is_open(
    northwind: Any, account: Any, ceo: Client
):
    run = make_run(
        northwind, kind="fathom.sync", state="running", progress_done=40, progress_total=100
    )
    page = text(ceo.get(PAGES[1]))
    assert 'value="40"' in page
    assert 'hx-get="/settings/fathom/sync/live" hx-trigger="every 2s"' in page
    Run.objects.filter(pk=run.pk).update(state="succeeded")
    assert "hx-get" not in text(ceo.get(PAGES[1]))


def test_the_page_says_why_a_sync_is_slow_while_fathom_asks_for_it(
    northwind: Any, account: Any, ceo: Client, sandbox: Any, settings: Any, monkeypatch: Any
):
    run = make_run(northwind, kind="fathom.sync", state="running", subject_id=account.pk)
    assert "slower pace" not in text(ceo.get(PAGES[0]))
    point_at(sandbox, settings, monkeypatch).fault(
        "fathom", "rate_limited", retry_after="0", times=1
    )
    with pytest.raises(RateLimited):
        FathomClient(account, limits=Limits(attempts=1)).page((("include_transcript", "true"),))
    assert "slower pace" in text(ceo.get(PAGES[0]))
    Run.objects.filter(pk=run.pk).update(state="succeeded")
    assert "slower pace" not in text(ceo.get(PAGES[0]))


def test_the_history_says_what_came_and_why_the_rest_did_not(
    northwind: Any, account: Any, ceo: Client
):
    make_run(
        northwind, kind="fathom.sync", parameters={"hours": 720}, counts={"processed": 12},
        outcomes={"imported": 5, "duplicate": 3, "skipped_rep_archived": 3, "error_unreadable": 1},
    )  # fmt: skip
    page = text(ceo.get(PAGES[0]))
    assert "30 days" in page
    assert '<td class="numeric" data-label="Looked at">12</td>' in page
    assert '<td class="numeric" data-label="In the library">8</td>' in page
    assert "<li>3 × The rep is archived</li><li>1 × What Fathom sent cannot be read</li>" in page


# --- A rep's refresh ------------------------------------------------------------------------------
def test_a_rep_is_refreshed_and_the_button_says_how_it_goes(
    fetched: Any, ceo: Client, outsider: Client
):
    address = f"/calls/reps/{fetched.pk}"
    assert outsider.post(f"{address}/refresh").status_code == 404
    assert f'action="{address}/refresh"' in text(ceo.get(address))

    page = text(ceo.post(f"{address}/refresh", HTTP_HX_REQUEST="true"))
    run = Run.objects.get(parameters__rep=str(fetched.pk))
    assert run.parameters["hours"] == 168
    assert "Looking for new calls…" in page
    assert f'hx-get="{address}/refreshed"' in page

    Run.objects.filter(pk=run.pk).update(
        state="succeeded", outcomes={"imported": 2}, finished_at=timezone.now()
    )
    page = text(ceo.get(f"{address}/refreshed"))
    assert "2 new calls" in page
    assert "hx-get" not in page


@pytest.mark.parametrize("role", ["Operations viewer", "Auditor"])
def test_staff_who_only_look_see_how_a_refresh_went_and_have_no_button(
    role: str, fetched: Any, ceo: Client
):
    viewer, address = signed_in(people.staff(role)), f"/calls/reps/{fetched.pk}"
    before = Run.objects.count()
    assert viewer.post(f"{address}/refresh").status_code == 403
    assert viewer.post(f"{address}/refresh", HTTP_HX_REQUEST="true").status_code == 403
    assert Run.objects.count() == before
    ceo.post(f"{address}/refresh")
    for page in (text(viewer.get(address)), text(viewer.get(f"{address}/refreshed"))):
        assert "Looking for new calls…" in page
        assert f'action="{address}/refresh"' not in page


def test_where_there_is_no_key_or_the_rep_has_left_there_is_no_button(
    northwind: Any, ceo: Client, settings: Any
):
    rep = chloe(northwind, aliases=[CHLOES_ALIAS])
    assert "Refresh" not in text(ceo.get(f"/calls/reps/{rep.pk}"))
    page = text(ceo.post(f"/calls/reps/{rep.pk}/refresh", follow=True))
    assert "There is no API key for Fathom here." in page
    installation()
    services.archive_rep(rep=rep)
    assert "Refresh" not in text(ceo.get(f"/calls/reps/{rep.pk}"))
    assert ceo.post(f"/calls/reps/{rep.pk}/refresh").status_code == 404
    assert not Run.objects.exists()


# --- What it costs --------------------------------------------------------------------------------
@pytest.mark.parametrize(("path", "most"), [(PAGES[0], 18), (PAGES[1], 14)])
def test_each_page_asks_the_database_a_fixed_number_of_times(
    path: str, most: int, fetched: Any, ops: Client, django_assert_max_num_queries: Any
):
    ops.get(path)
    with django_assert_max_num_queries(most):
        ops.get(path)

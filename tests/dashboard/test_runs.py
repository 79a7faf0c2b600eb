"""The list of runs and the page of one: true progress, outcomes with reasons, evidence."""

import uuid
from datetime import UTC, datetime

import pytest
from django.test import Client

from core.models import AuditEvent, Run
from crm.models import Organization
from tests.dashboard.conftest import make_run, signed_in
from tests.support import people


@pytest.fixture
def run(northwind: Organization) -> Run:
    return make_run(northwind, state="running", progress_done=132, progress_total=400)


@pytest.mark.parametrize("path", ["", "/live"])
def test_a_run_exists_for_its_organization_and_for_staff_alone(
    path: str, run: Run, ops: Client, ceo: Client, closer: Client, outsider: Client
):
    answers = [
        client.get(f"/runs/{run.pk}{path}").status_code for client in (ops, ceo, closer, outsider)
    ]
    assert answers == [200, 200, 404, 404]


def test_a_run_of_the_agency_exists_for_staff_alone(ops: Client, ceo: Client):
    run = make_run()
    assert ops.get(f"/runs/{run.pk}").status_code == 200
    assert ceo.get(f"/runs/{run.pk}").status_code == 404


def test_a_manager_sees_runs_and_a_setter_has_no_such_page(northwind: Organization, run: Run):
    assert signed_in(people.member("MANAGER", northwind)).get("/runs").status_code == 200
    assert signed_in(people.member("ADMIN", northwind)).get("/runs").status_code == 200
    assert signed_in(people.member("SETTER", northwind)).get("/runs").status_code == 404


def test_no_run_of_this_id_is_404(ops: Client):
    assert ops.get(f"/runs/{uuid.uuid4()}").status_code == 404


def test_a_running_run_shows_its_true_share_and_asks_again(run: Run, ceo: Client):
    page = ceo.get(f"/runs/{run.pk}").content.decode()
    assert "132 of 400" in page
    assert 'max="100" value="33"' in page
    assert f'hx-get="/runs/{run.pk}/live" hx-trigger="every 2s"' in page


def test_a_run_without_a_total_claims_no_share(northwind: Organization, ceo: Client):
    run = make_run(northwind, state="running", progress_done=812)
    page = ceo.get(f"/runs/{run.pk}/live").content.decode()
    assert "812 done" in page
    assert "<progress" in page
    assert "max=" not in page


def test_a_run_that_waits_for_the_other_side_says_until_when(northwind: Organization, ceo: Client):
    run = make_run(northwind, state="queued", waits_until=datetime(2026, 11, 21, 12, 5, tzinfo=UTC))
    page = ceo.get(f"/runs/{run.pk}/live").content.decode()
    assert "Waiting until 13:05, as the other side asked for a pause" in page
    assert "Waiting for a worker" not in page


def test_a_run_that_counted_more_than_it_said_is_never_more_than_full(
    northwind: Organization, ceo: Client
):
    run = make_run(northwind, state="running", progress_done=500, progress_total=400)
    assert 'value="100"' in ceo.get(f"/runs/{run.pk}/live").content.decode()


def test_an_ended_run_asks_no_more_and_shows_what_came_of_it(northwind: Organization, ceo: Client):
    run = make_run(
        northwind,
        state="incomplete",
        error="2 meetings are at Fathom and not here.",
        counts={"imported": 12},
        outcomes={"no_rep": 21, "imported": 1240},
        evidence={"at_vendor": 282, "here": 280, "checked": True},
    )
    answer = ceo.get(f"/runs/{run.pk}/live")
    page = answer.content.decode()
    assert "hx-trigger" not in page
    assert "2 meetings are at Fathom and not here." in page
    assert answer.context["outcomes"] == [("Imported", 1240), ("No rep", 21)]
    assert ("At vendor", "282") in answer.context["evidence"]
    assert ("Checked", "yes") in answer.context["evidence"]


def test_a_list_is_cut_into_pages_that_lead_back(northwind: Organization, ceo: Client):
    made = [make_run(northwind, kind=f"kind_{number}") for number in range(120)]
    newest = ceo.get("/runs").context["page"]
    middle = ceo.get(f"/runs?before={newest.older}").context["page"]
    oldest = ceo.get(f"/runs?before={middle.older}").context["page"]
    again = ceo.get(f"/runs?after={oldest.newer}").context["page"]
    top = ceo.get(f"/runs?after={again.newer}").context["page"]
    assert [run.pk for page in (newest, middle, oldest) for run in page.items] == sorted(
        (run.pk for run in made), reverse=True
    )
    assert (newest.newer, oldest.older) == ("", "")
    assert [run.pk for run in again.items] == [run.pk for run in middle.items]
    assert [run.pk for run in top.items] == [run.pk for run in newest.items]
    assert (top.newer, top.older) == ("", newest.older)


def test_a_filter_keeps_its_state_and_says_when_nothing_matches(
    northwind: Organization, ceo: Client
):
    make_run(northwind, state="failed", kind="broken")
    make_run(northwind, state="succeeded", kind="good")
    assert [run.kind for run in ceo.get("/runs?state=failed").context["page"].items] == ["broken"]
    assert "Nothing in this state" in ceo.get("/runs?state=cancelled").content.decode()


@pytest.mark.parametrize(
    "query", ["before=x", "after=%F0%9F%A6%84", "state=nonsense", "before=&after=1"]
)
def test_a_query_that_nobody_gave_out_shows_the_first_page(query: str, ceo: Client, run: Run):
    assert [row.pk for row in ceo.get(f"/runs?{query}").context["page"].items] == [run.pk]


def test_the_list_asks_the_database_as_often_for_fifty_runs_as_for_one(
    northwind: Organization, ops: Client, ceo: Client, django_assert_num_queries
):
    for _more in range(2):
        make_run(northwind)
        # Two more than for members: what staff may do.
        with django_assert_num_queries(8):
            ops.get("/runs")
        with django_assert_num_queries(6):
            ceo.get("/runs")
        for _row in range(50):
            make_run(northwind, started_by=people.person())


def test_a_ceo_stops_a_run_of_the_own_organization(run: Run, ceo: Client):
    assert ceo.post(f"/runs/{run.pk}/cancel")["Location"] == f"/runs/{run.pk}"
    run.refresh_from_db()
    assert run.cancel_requested
    assert AuditEvent.objects.filter(action="run.cancelled", target_id=str(run.pk)).count() == 1


def test_whoever_may_not_stop_a_run_changes_nothing(run: Run, outsider: Client, closer: Client):
    viewer = signed_in(people.staff("Operations viewer"))
    answers = [
        client.post(f"/runs/{run.pk}/cancel").status_code for client in (outsider, closer, viewer)
    ]
    assert answers == [404, 404, 403]
    assert viewer.get(f"/runs/{run.pk}/cancel").status_code == 405
    run.refresh_from_db()
    assert not run.cancel_requested
    assert AuditEvent.objects.filter(action="run.cancelled").count() == 0


def test_evidence_is_a_row_each_with_what_is_at_the_vendor_first(
    northwind: Organization, ceo: Client
):
    ledger = {"here": 280, "at_vendor": 282, "skipped": {"no_rep": 2}}
    run = make_run(
        northwind,
        kind="fathom.reconcile",
        evidence={"whole": True, "checked": "2026-11-02T12:05:00+00:00", "ledger": ledger},
    )
    shown = [(str(name), value) for name, value in ceo.get(f"/runs/{run.pk}").context["evidence"]]
    assert shown[:2] == [("At Fathom", "282"), ("Here", "280")]
    assert set(shown[2:]) == {
        ("All there is was compared", "yes"),
        ("Checked", "2 November 2026 13:05"),
        ("Skipped", "No rep 2"),
    }


def test_a_share_of_a_hundred_is_no_number_of_things(northwind: Organization, ceo: Client):
    facts = {"kind": "fathom.sync", "progress_total": 100}
    run = make_run(northwind, progress_done=100, counts={"processed": 1590, "pages": 4}, **facts)
    make_run(northwind, state="failed", progress_done=40, **facts)
    listed, page = ceo.get("/runs").content.decode(), ceo.get(f"/runs/{run.pk}").content.decode()
    assert "100 of 100" not in listed + page
    assert ">Meetings looked at: 1,590<" in listed
    assert ">40 %<" in listed
    assert "<progress" not in listed
    assert "<span>Meetings looked at: 1,590</span>" in page
    assert 'max="100" value="100"' in page


def test_a_run_without_a_known_end_says_what_it_has_done_and_how_far_back_it_is(
    northwind: Organization, ceo: Client
):
    facts = {
        "progress_reached": datetime(2026, 3, 3, 12, tzinfo=UTC),
        "counts": {"processed": 1590, "pages": 159},
    }
    run = make_run(northwind, kind="fathom.sync", state="running", progress_done=1590, **facts)
    words = "<span>Meetings looked at: 1,590 · back to 3 March 2026</span>"
    for address in (f"/runs/{run.pk}/live", "/runs", "/settings/fathom/sync/live"):
        page = ceo.get(address).content.decode()
        assert words in page, address
        assert "<progress" in page, address
        assert "max=" not in page, address
    Run.objects.filter(pk=run.pk).update(state="failed")
    page = ceo.get(f"/runs/{run.pk}/live").content.decode()
    assert words in page
    assert "<progress" not in page


def test_a_run_that_failed_shows_no_full_bar(northwind: Organization, ceo: Client):
    run = make_run(northwind, state="failed", progress_done=400, progress_total=400)
    page = ceo.get(f"/runs/{run.pk}/live").content.decode()
    assert 'max="100" value="99"' in page


def test_what_is_technical_is_said_to_staff_alone(
    northwind: Organization, ceo: Client, ops: Client
):
    message = {"text": "An unexpected error ended this.", "facts": {"id": "4f1d"}}
    known = {"kind": "fathom.sync", "counts": {"pages": 4, "processed": 9}}
    run = make_run(northwind, state="failed", error=message["text"], error_said=message, **known)
    own, staff = (client.get(f"/runs/{run.pk}").content.decode() for client in (ceo, ops))
    assert "Pages read" in staff
    assert "4f1d" in staff
    assert "Pages read" not in own
    assert "4f1d" not in own

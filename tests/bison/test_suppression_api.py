"""Suppressions and runways over the API; what rules add by themselves; what is refused."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bison import suppression
from bison.models import Suppression, SuppressionState
from core import runs, settings_store
from core.models import Run
from core.signin import roles
from crm.models import Lead, Member
from tests.bison import cast
from tests.support.people import assert_error, client_of, member, organization, staff

pytestmark = pytest.mark.usefixtures("no_calls_stay")
PATH = "/api/bison/suppressions"


@pytest.fixture
def aspen(db, bison_vendor):
    return cast.workspace(cast.instance(bison_vendor), 3, bison_vendor)


@pytest.fixture
def client(db):
    return client_of(staff())


def finish(answer) -> Run:
    assert answer.status_code == 202, answer.content
    run = Run.objects.get(pk=answer.json()["runId"])
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def test_a_value_is_suppressed_and_its_state_is_told_by_workspace(aspen, client):
    answer = client.post(
        PATH, {"value": " Some.Body@Rival.example ", "reason": "A customer", "scope": "all"}
    )
    body = answer.json()
    assert (body["value"], body["suppressed"]) == ("some.body@rival.example", 1)
    assert body["state"]["Aspen Labs"]["state"] == "waiting"
    assert finish(answer).state == "succeeded"
    found = client.get(f"{PATH}/{body['id']}").json()
    state = found["state"]["Aspen Labs"]
    assert (state["state"], state["blacklisted"], state["unsubscribed"]) == ("done", True, None)
    assert state["read_back_at"].endswith("Z")
    assert "error" not in state
    assert (found["reason"], found["scope"], found["kind"]) == ("A customer", "all", "address")


def test_a_trial_run_over_the_api_keeps_nothing(aspen, client):
    run = finish(client.post(PATH, {"value": "rivals.example", "dry_run": True}))
    assert (run.state, run.counts["blocked"]) == ("succeeded", 1)
    assert not Suppression.objects.exists()
    assert client.get(PATH).json()["results"] == []


def test_lifting_says_what_stays(aspen, client):
    made = client.post(PATH, {"value": "a@rival.example"})
    finish(made)
    path = f"{PATH}/{made.json()['id']}"
    assert_error(client.delete(f"{path}?resubscribe=yes"), 400)
    lifted = client.delete(path)
    assert lifted.json()["message"] == "It is being lifted. Its leads stay unsubscribed."
    finish(lifted)
    assert_error(client.get(path), 404)
    assert_error(client.delete(path), 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "value"),
        ({"value": "no address"}, "value"),
        ({"value": "a@b"}, "value"),
        ({"value": "a@b.example", "values": ["c@d.example"]}, "value"),
        ({"values": ["a@b.example", "nonsense"]}, "value"),
        ({"value": "a@b.example", "scope": "workspace"}, "workspaces"),
        ({"value": "a@b.example", "scope": "workspace", "workspaces": ["Nobody's"]}, "workspaces"),
        ({"value": "a@b.example", "workspaces": ["Aspen Labs"]}, "workspaces"),
        ({"value": 7}, "value"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(aspen, client, body, field):
    assert field in assert_error(client.post(PATH, body), 400)["fields"]
    assert (Suppression.objects.count(), Run.objects.count()) == (0, 0)


def test_a_domain_of_public_mail_has_to_be_insisted_on(aspen, client):
    assert (
        "gmail.com"
        in assert_error(client.post(PATH, {"value": "GMail.com"}), 409, "public_mail_domain")[
            "message"
        ]
    )
    assert not Suppression.objects.exists()
    assert client.post(PATH, {"value": "gmail.com", "insist": True}).status_code == 202
    assert client.post(PATH, {"value": "somebody@gmail.com"}).status_code == 202


def test_more_than_the_house_lets_through_has_to_be_confirmed(aspen, client):
    settings_store.put("bison_suppress_most", "2", actor="test")
    values = [f"{name}@rival.example" for name in "abc"]
    assert_error(client.post(PATH, {"values": values}), 409, "needs_confirmation")
    assert_error(client.post(PATH, {"values": values, "dry_run": True}), 409, "needs_confirmation")
    assert not Suppression.objects.exists()
    assert client.post(PATH, {"values": values, "confirm": True}).json()["suppressed"] == 3


def test_one_spelling_for_all_alphabets(aspen, client, bison_vendor):
    answer = client.post(
        PATH, {"values": ["BÜCHER.example", "info@bücher.example", "@xn--bcher-kva.example"]}
    )
    assert answer.json()["suppressed"] == 2
    lead = bison_vendor.vendor.instances["maverick"].workspace(3).contents.leads.all()[0]
    lead["email"] = "Info@Bücher.example"
    assert finish(answer).counts["unsubscribed"] == 1
    assert lead["status"] == "unsubscribed"


def test_who_may(aspen):
    viewer = client_of(staff(roles.OPERATIONS_VIEWER))
    assert viewer.get(PATH).status_code == 200
    assert_error(viewer.post(PATH, {"value": "a@b.example"}), 403)
    assert_error(viewer.post(f"{PATH}/check"), 403)
    for person in (
        client_of(staff(roles.AUDITOR)),
        client_of(member(Member.Role.CEO, organization())),
    ):
        assert_error(person.get(PATH), 403)
        assert_error(person.get("/api/bison/runway"), 403)
        assert_error(person.post(PATH, {"value": "a@b.example"}), 403)
    assert_error(client_of().get(PATH), 401)
    assert not Suppression.objects.exists()


def test_the_list_asks_as_often_for_many_as_for_one(aspen, client):
    cast.workspace(aspen.instance, 4)
    suppression.suppress("a@rival.example", actor="test")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(PATH).status_code == 200
        return len(asked)

    queries()
    few = queries()
    asked = suppression.ask([f"{number}@rival.example" for number in range(30)])
    suppression.suppress_many(asked, actor="test")
    assert queries() == few
    found = client.get(f"{PATH}?pageSize=5&ordering=value").json()
    assert [row["value"] for row in found["results"]][:2] == ["0@rival.example", "10@rival.example"]
    assert len(found["results"][0]["state"]) == 2


# --- Rules ----------------------------------------------------------------------------------------


def test_an_opt_out_is_shared_only_where_the_house_wants_that(aspen):
    cast.workspace(aspen.instance, 4)
    assert suppression.note_opt_out(aspen, "gone@rival.example") is None
    assert suppression.apply_what_waits() is None
    settings_store.put("bison_share_opt_outs", "on", actor="test")
    row = suppression.note_opt_out(aspen, "Gone@Rival.example")
    assert (row.value, row.source, row.reason) == (
        "gone@rival.example",
        "opt_out",
        "Opted out in Aspen Labs",
    )
    assert suppression.note_opt_out(aspen, "gone@rival.example") is None
    assert suppression.note_opt_out(aspen, "no address") is None
    assert SuppressionState.objects.filter(state="waiting").count() == 2
    started = suppression.apply_what_waits()
    assert suppression.apply_what_waits().run == started.run


def test_customers_are_kept_from_the_workspaces_of_their_organization(aspen, bison_vendor):
    northwind = organization()
    cast.workspace(aspen.instance, 4, bison_vendor)
    type(aspen).objects.filter(pk=aspen.pk).update(organization=northwind)
    won = Lead.objects.create(
        organization=northwind,
        name="Ada",
        email="ada@won.example",
        email_normalized="ada@won.example",
        status="won",
    )
    Lead.objects.create(
        organization=northwind,
        name="Bo",
        email="bo@lost.example",
        email_normalized="bo@lost.example",
        status="lost",
    )
    suppression.apply_what_waits()
    assert not Suppression.objects.exists()
    settings_store.put("bison_suppress_customers", "on", actor="test")
    started = suppression.apply_what_waits()
    runs.execute(started.run.pk)
    row = Suppression.objects.get()
    assert (row.value, row.source, row.workspace_ids) == (won.email, "customer", [aspen.pk])
    assert won.email in bison_vendor.act("facts", workspace=3)["emails"]
    assert won.email not in bison_vendor.act("facts", workspace=4)["emails"]
    lifted = suppression.lift(row, actor="test")
    runs.execute(lifted.run.pk)
    assert suppression.apply_what_waits() is None
    assert not suppression.in_force().exists()


# --- Runway ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_runways_are_listed_by_the_day_on_which_they_end(aspen, client, bison_vendor):
    cast.workspace(aspen.instance, 4)
    finish(client.post("/api/bison/runway/compute"))
    rows = client.get("/api/bison/runway?ordering=workspace_name").json()["results"]
    assert [row["workspace_name"] for row in rows] == ["Aspen Labs", "Birchwood Freight"]
    first = rows[0]
    assert first["bison_instance"] == "maverick"
    assert first["leads_left"] > 0
    assert first["senders_connected"] == bison_vendor.act("facts", workspace=3)["connected"]
    assert (first["tired_domains"], first["unknown"]) == ([], "")
    pages = client.get("/api/bison/runway?pageSize=1").json()
    assert client.get(pages["next"]).json()["results"]


def test_a_workspace_that_nobody_looked_at_has_no_figures(aspen, client):
    row = client.get("/api/bison/runway").json()["results"][0]
    assert (row["leads_left"], row["dry_on"], row["computed_at"], row["tired_domains"]) == (
        None,
        None,
        None,
        [],
    )

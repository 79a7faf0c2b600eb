"""`/api/fathom` and the cron address: who may start a sync, and what they are answered."""

import threading

import pytest
from django.db import connection
from django.test import Client

from core import runs
from core.models import Run
from fathom_sync.syncs import sync
from tests.fathom_sync.cast import (
    CHLOE,
    chloe,
    installation,
    own_account,
    point_at,
    recorded_by,
)
from tests.support.people import assert_error, client_of, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db

SECRET = "a-cron-secret-of-the-tests"
CRON = "/api/cron/sync-fathom"


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    settings.CRON_SECRET = SECRET
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=40)
    return sandbox


@pytest.fixture
def northwind():
    return World()


@pytest.fixture
def contoso():
    return World("Contoso Growth", prefix="other-")


@pytest.fixture
def worker(transactional_db):
    """A thread that takes queued runs, as a worker beside this process does."""
    over = threading.Event()

    def work():
        while not over.wait(0.05):
            for run in Run.objects.filter(state="queued"):
                runs.execute(run.pk)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


def clock():
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {SECRET}")
    return client


def test_the_clock_is_answered_as_the_seed_does(worker, fathom, northwind):
    installation()
    chloe(northwind.organization)
    hers = len(recorded_by(fathom, CHLOE))
    answer = clock().get(f"{CRON}?hours=8760")
    assert answer.status_code == 200
    body = answer.json()
    assert body == {
        "success": True,
        "processed": 40,
        "imported": hers,
        "updated": 0,
        "skipped": 40 - hers,
        "errors": 0,
        "lastSyncTime": body["lastSyncTime"],
        "duration_ms": body["duration_ms"],
        "message": "Sync completed successfully",
        "outcomes": {"imported": hers, "skipped_no_rep": 40 - hers},
        "runId": str(Run.objects.get().pk),
        "joined": False,
    }
    assert isinstance(body["duration_ms"], int)
    assert body["lastSyncTime"].endswith("Z")


def test_all_accounts_are_added_up(worker, northwind):
    installation()
    own_account(northwind.organization)
    body = clock().post(CRON).json()
    runs = Run.objects.all()
    assert runs.count() == 2
    assert body["processed"] == sum(run.counts["processed"] for run in runs) > 40


def test_what_takes_longer_is_answered_with_its_run(northwind):
    installation()
    answer = clock().post(f"{CRON}?wait=0")
    run = Run.objects.get()
    assert answer.status_code == 202
    assert answer.json() == {
        "success": True,
        "runId": str(run.pk),
        "statusUrl": f"/api/runs/{run.pk}",
        "message": "The sync goes on; ask the status address how far it is.",
        "joined": False,
    }


GOES_ON = "The sync goes on; ask the status address how far it is."
JOINED = "A sync was under way already; this one joined it."
WAITS = "Another sync was under way already; the wanted one starts after it."


@pytest.mark.parametrize(
    ("under_way", "query", "joins"),
    [
        ({"hours": 24}, "hours=720", False),
        ({"hours": 24}, "", False),
        ({}, "hours=24", False),
        ({"hours": 720}, "hours=24", True),
        ({"reset": True}, "hours=720", True),
        ({}, "", True),
    ],
)
def test_a_clock_that_comes_second_joins_a_sync_that_does_as_much_and_else_waits_for_it(
    northwind, under_way, query, joins
):
    first, _new = sync.start_sync(installation(), trigger="test", **under_way)
    body = clock().get(f"{CRON}?wait=0&{query}").json()
    assert (body["joined"], body["message"]) == (joins, f"{GOES_ON} {JOINED if joins else WAITS}")
    assert (body["runId"] == str(first.pk)) is joins
    assert Run.objects.count() == (1 if joins else 2)


def test_the_clock_is_answered_in_english_and_a_person_wholly_in_their_language(northwind):
    sync.start_sync(installation(), trigger="test")
    asked = {"headers": {"Accept-Language": "nl"}}
    assert clock().get(f"{CRON}?wait=0", **asked).json()["message"] == f"{GOES_ON} {JOINED}"
    message = client_of(staff()).post(f"{CRON}?wait=0", **asked).json()["message"]
    assert "sync was under way" not in message
    assert "synchronisatie" in message


def test_the_clock_is_told_what_came_of_the_sync_that_it_asked_for(worker, fathom, northwind):
    fathom.fault("fathom", "latency", seconds=0.3)
    first, _new = sync.start_sync(installation(), trigger="test", hours=24)
    body = clock().get(f"{CRON}?hours=720").json()
    assert (body["success"], body["joined"]) == (True, False)
    assert body["message"].endswith(WAITS)
    wanted = Run.objects.exclude(pk=first.pk).get()
    assert (body["runId"], wanted.parameters["hours"]) == (str(wanted.pk), 720)
    first.refresh_from_db()
    assert first.finished_at <= wanted.started_at


def test_without_a_key_it_says_so(northwind):
    body = clock().get(CRON).json()
    assert (body["success"], body["processed"], body["runId"]) == (False, 0, None)
    assert body["message"].startswith("Fathom API Key not configured")


@pytest.mark.parametrize(
    "query",
    ["hours=0", "hours=8761", "hours=x", "hours=-1", "hours=1.5", "wait=61", "hours=", "hour=24"],
)
def test_what_it_is_not_asked_for_like_that_is_400_and_starts_nothing(query):
    installation()
    assert_error(clock().get(f"{CRON}?{query}"), 400)
    assert not Run.objects.exists()


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", SECRET.upper()])
def test_no_or_a_wrong_secret_is_401_and_starts_nothing(secret):
    installation()
    client = client_of()
    if secret:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    for ask in (client.get, client.post):
        assert_error(ask(CRON), 401)
    assert not Run.objects.exists()


def test_without_a_secret_set_none_fits(settings):
    settings.CRON_SECRET = ""
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION="Bearer ")
    assert_error(client.get(CRON), 401)


def test_staff_may_and_others_may_not(northwind):
    installation()
    assert client_of(staff()).post(f"{CRON}?wait=0").status_code == 202
    assert_error(client_of(northwind.users["CEO"]).post(f"{CRON}?wait=0"), 403)
    assert_error(client_of(staff("Auditor")).post(f"{CRON}?wait=0"), 403)


def test_a_cookie_starts_a_sync_by_post_with_its_csrf_token_alone(worker, northwind):
    installation()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(staff())
    for forged in (browser.get, browser.head, browser.post):
        assert forged(f"{CRON}?wait=0").status_code in (401, 403)
    assert not Run.objects.exists()
    browser.get("/settings/profile")
    token = browser.cookies["csrftoken"].value
    assert (
        browser.post(
            f"{CRON}?wait=0", content_type="application/json", HTTP_X_CSRFTOKEN=token
        ).status_code
        == 202
    )
    assert Run.objects.count() == 1
    assert client_of(staff()).get(f"{CRON}?wait=0").status_code == 202


def test_a_sync_is_started_for_a_rep_and_the_second_joins_it(northwind):
    installation()
    client = client_of(northwind.users["CLOSER"])
    first = client.post("/api/fathom/sync", {"repId": str(northwind.rep.pk), "hours": 24})
    assert first.status_code == 202
    body = first.json()
    assert body["joined"] is False
    assert client.get(body["statusUrl"]).json()["state"] == "queued"
    again = client.post("/api/fathom/sync", {"repId": str(northwind.rep.pk), "hours": 12}).json()
    assert (again["joined"], again["waits"], again["runId"]) == (True, False, body["runId"])


def test_a_sync_that_does_less_is_followed_by_the_wanted_one(northwind):
    installation()
    client = client_of(northwind.users["CEO"])
    first = client.post("/api/fathom/sync", {"hours": 24}).json()
    body = client.post("/api/fathom/sync", {"hours": 720, "reset": True}).json()
    assert (body["joined"], body["waits"]) == (False, True)
    assert body["message"] == "Another sync is under way; yours starts after it."
    assert client.get(body["statusUrl"]).json()["state"] == "queued"
    for run in (body, first, body):
        runs.execute(run["runId"])
    ended = list(Run.objects.order_by("finished_at").values_list("pk", "state"))
    assert [(str(pk), state) for pk, state in ended] == [
        (run["runId"], "succeeded") for run in (first, body)
    ]


def test_whoever_may_sync_a_rep_follows_a_sync_of_that_rep_that_another_started(northwind, contoso):
    installation()
    ceo, closer = client_of(northwind.users["CEO"]), client_of(northwind.users["CLOSER"])
    other = chloe(northwind.organization)
    hers = ceo.post("/api/fathom/sync", {"repId": str(northwind.rep.pk)}).json()
    anothers = ceo.post("/api/fathom/sync", {"repId": str(other.pk)}).json()
    whole = ceo.post("/api/fathom/sync", {}).json()
    assert [hers["waits"], anothers["waits"], whole["waits"]] == [False, True, True]
    joined = closer.post("/api/fathom/sync", {"repId": str(northwind.rep.pk)}).json()
    assert (joined["runId"], joined["joined"]) == (hers["runId"], True)
    assert closer.get(joined["statusUrl"]).json()["state"] == "queued"
    assert_error(closer.post(f"{joined['statusUrl']}/cancel"), 404)
    assert closer.get("/api/runs").json()["results"] == []
    for hidden in (anothers, whole):
        assert_error(closer.get(hidden["statusUrl"]), 404)
    for stranger in (northwind.users["SETTER"], *contoso.users.values()):
        if stranger is not contoso.users["ADMIN"]:
            assert_error(client_of(stranger).get(hers["statusUrl"]), 404)
    Run.objects.filter(pk=hers["runId"]).update(parameters={"rep": "no id"})
    assert_error(closer.get(hers["statusUrl"]), 404)


def test_an_organization_without_an_account_gets_its_own_reps_from_the_installations(
    northwind, fathom
):
    installation()
    chloe(northwind.organization)
    body = client_of(northwind.users["CEO"]).post("/api/fathom/sync", {}).json()
    run = Run.objects.get(pk=body["runId"])
    assert run.organization_id == northwind.organization.pk
    runs.execute(run.pk)
    run.refresh_from_db()
    assert run.outcomes == {"imported": len(recorded_by(fathom, CHLOE))}


@pytest.mark.parametrize("role", ["CLOSER", "SETTER"])
def test_not_everybody_may_sync_everything(northwind, role):
    installation()
    assert_error(client_of(northwind.users[role]).post("/api/fathom/sync", {}), 403)
    assert not Run.objects.exists()


@pytest.mark.parametrize("role", ["Operations viewer", "Auditor"])
def test_staff_who_only_look_start_no_sync(northwind, role):
    installation()
    client = client_of(staff(role))
    of = {"organizationId": str(northwind.organization.pk)}
    for wish in ({"repId": str(northwind.rep.pk)}, of, {}):
        assert_error(client.post("/api/fathom/sync", wish), 403)
    assert not Run.objects.exists()
    assert (
        client_of(staff()).post("/api/fathom/sync", {"repId": str(northwind.rep.pk)}).status_code
        == 202
    )


def test_another_organizations_rep_does_not_exist(northwind, contoso):
    installation()
    client = client_of(northwind.users["CEO"])
    assert_error(client.post("/api/fathom/sync", {"repId": str(contoso.rep.pk)}), 404)
    assert not Run.objects.exists()


def test_without_a_key_nothing_can_be_started(northwind):
    assert_error(
        client_of(northwind.users["CEO"]).post("/api/fathom/sync", {}), 409, "not_configured"
    )


@pytest.mark.parametrize(
    "body", [{"hours": 0}, {"hours": "24"}, {"hours": 9000}, {"repId": 5}, {"reset": "yes"}, []]
)
def test_bad_wishes_are_400(northwind, body):
    installation()
    assert_error(client_of(northwind.users["CEO"]).post("/api/fathom/sync", body), 400)
    assert not Run.objects.exists()

"""`/api/fathom/unmatched`: who sees what waits, in which order, and who may give it to whom."""

from collections import Counter

import pytest
from django.utils import timezone

from calls.models import Call
from crm import services
from crm.models import RepAlias
from fathom_sync.models import Assignment, FathomMeeting
from tests.fathom_sync.cast import (
    CHLOES_ALIAS,
    chloe,
    installation,
    own_account,
    point_at,
    synced,
)
from tests.support.people import assert_error, client_of, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=40)
    return sandbox


@pytest.fixture
def northwind():
    return World()


@pytest.fixture
def contoso():
    return World("Contoso Growth", prefix="other-")


def queue_of(user):
    return {
        row["id"]
        for row in client_of(user).get("/api/fathom/unmatched?pageSize=200").json()["results"]
    }


def test_what_waits_in_the_installation_is_for_staff_and_in_an_account_for_its_organization(
    northwind, contoso
):
    synced(installation())
    everything = {str(pk) for pk in FathomMeeting.objects.values_list("pk", flat=True)}
    assert queue_of(staff()) == everything
    assert queue_of(northwind.users["ADMIN"]) == everything
    for role in ("CEO", "MANAGER", "CLOSER"):
        assert queue_of(northwind.users[role]) == set()
    synced(own_account(northwind.organization))
    own = {
        str(pk)
        for pk in FathomMeeting.objects.filter(organization=northwind.organization).values_list(
            "pk", flat=True
        )
    }
    assert own
    for role in ("CEO", "MANAGER"):
        assert queue_of(northwind.users[role]) == own
    for user in (northwind.users["CLOSER"], northwind.users["SETTER"], contoso.users["CEO"]):
        assert queue_of(user) == set()


@pytest.mark.parametrize("ordering", ["", "ordering=-createdAt&", "ordering=createdAt&"])
def test_what_waits_comes_by_the_moment_and_what_has_none_last_whatever_the_page(
    northwind, fathom, ordering
):
    synced(installation())
    ids = list(FathomMeeting.objects.order_by("pk").values_list("pk", flat=True)[:12])
    FathomMeeting.objects.exclude(pk__in=ids).delete()
    FathomMeeting.objects.filter(pk__in=ids[:3]).update(created_at=None)
    same = timezone.now().replace(hour=12, minute=0)
    FathomMeeting.objects.filter(pk__in=ids[3:6]).update(created_at=same, day=same.date())
    for hour, pk in enumerate(ids[6:9]):
        FathomMeeting.objects.filter(pk=pk).update(
            created_at=same.replace(hour=(hour * 7) % 23), day=same.date()
        )
    rows = sorted(
        FathomMeeting.objects.values_list("created_at", "pk"),
        key=lambda row: (row[0] is not None, row[0] or same, row[1]),
        reverse=ordering != "ordering=createdAt&",
    )
    client, onward, back = client_of(staff()), [], []
    url = f"/api/fathom/unmatched?{ordering}pageSize=2"
    while url:
        page = client.get(url).json()
        onward += [row["id"] for row in page["results"]]
        url = page["next"]
    url = page["previous"]
    while url:
        page = client.get(url).json()
        back = [row["id"] for row in page["results"]] + back
        url = page["previous"]
    assert onward == [str(pk) for _created, pk in rows]
    assert back == onward[:-2]


def test_a_meeting_that_waits_says_why(northwind):
    synced(own_account(northwind.organization))
    client = client_of(northwind.users["CEO"])
    [row, *_rest] = client.get("/api/fathom/unmatched?reason=no_rep").json()["results"]
    assert row["explanation"] == "Recorder isn't a rep"
    assert row["organizationId"] == str(northwind.organization.pk)
    assert_error(client.get("/api/fathom/unmatched?reason=because"), 400)
    assert client.get("/api/fathom/unmatched?reason=ambiguous").json()["results"] == []


def test_assigned_ones_are_in_the_library_and_remembered_ones_bring_the_others(northwind):
    synced(own_account(northwind.organization, key="koppel-demo.fathom-key_0001"))
    client = client_of(northwind.users["CEO"])
    [meeting] = FathomMeeting.objects.filter(recorder=CHLOES_ALIAS)[:1]
    body = {"ids": [str(meeting.pk)], "repId": str(northwind.rep.pk), "remember": True}
    answer = client.post("/api/fathom/unmatched/assign", body)
    made = Assignment.objects.get()
    assert answer.json() == {
        "success": True, "assigned": 1, "message": "1 call is in the library now.",
        "assignmentId": str(made.pk),
    }  # fmt: skip
    assert Call.objects.get(external_id=meeting.recording_id).rep_id == northwind.rep.pk
    assert RepAlias.objects.filter(rep=northwind.rep, normalized=CHLOES_ALIAS).exists()


def test_a_manager_gives_to_their_teams_and_does_not_change_addresses(northwind):
    synced(own_account(northwind.organization))
    client = client_of(northwind.users["MANAGER"])
    [meeting] = FathomMeeting.objects.all()[:1]
    body = {"ids": [str(meeting.pk)], "repId": str(northwind.rep.pk)}
    assert_error(client.post("/api/fathom/unmatched/assign", {**body, "remember": True}), 403)
    stranger = services.create_rep(
        organization=northwind.organization, name="No team", email="noteam@example.com"
    )
    assert_error(
        client.post("/api/fathom/unmatched/assign", {**body, "repId": str(stranger.pk)}), 404
    )
    assert not Call.objects.exists()
    assert client.post("/api/fathom/unmatched/assign", body).status_code == 200


def test_nobody_takes_anothers_meetings(northwind, contoso):
    synced(own_account(northwind.organization))
    ids = [str(pk) for pk in FathomMeeting.objects.values_list("pk", flat=True)[:2]]
    body = {"ids": ids, "repId": str(contoso.rep.pk)}
    assert_error(client_of(contoso.users["CEO"]).post("/api/fathom/unmatched/assign", body), 404)
    assert_error(client_of(northwind.users["CEO"]).post("/api/fathom/unmatched/assign", body), 404)
    assert_error(client_of(staff()).post("/api/fathom/unmatched/assign", body), 400)
    assert_error(
        client_of(northwind.users["CLOSER"]).post("/api/fathom/unmatched/assign", body), 404
    )
    assert not Call.objects.exists()


def test_a_chiefs_queue_shows_all_that_their_run_left_out(northwind, contoso):
    chloe(northwind.organization, aliases=[CHLOES_ALIAS])
    services.create_rep(organization=contoso.organization, name="Other", email=CHLOES_ALIAS)
    run = synced(installation(), organization=northwind.organization, hours=8760)
    left_out = Counter(run.outcomes) - Counter(
        dict.fromkeys(("imported", "updated", "duplicate"), 1_000)
    )
    assert set(left_out) == {"skipped_ambiguous"}
    assert len(queue_of(northwind.users["CEO"])) == left_out["skipped_ambiguous"]

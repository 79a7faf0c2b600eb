"""What was given to a rep by hand is taken back: it waits again as it did,
unless somebody changed it since.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from calls.models import Call
from core.models import AuditEvent, User
from core.signin import roles
from crm import services
from crm.models import RepAlias, SalesRep
from fathom_sync.meetings import assigning, keeping, undoing, unmatched
from fathom_sync.models import AssignedMeeting, Assignment, FathomMeeting
from tests.fathom_sync.cast import CHLOE, installation, own_account, point_at, recorded_by, synced
from tests.support.people import assert_error, client_of, member, organization, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db
STRANGER = "anna.kowalska@example.com"


@pytest.fixture
def rep(sandbox: Any, settings: Any, monkeypatch: Any) -> SalesRep:
    fathom = point_at(sandbox, settings, monkeypatch)
    fathom.turn("fathom", meetings=60)
    fathom.act("fathom", "arrive", count=3, recorded_by=STRANGER)
    synced(installation())
    return services.create_rep(
        organization=organization(), name="Rosa Klein", email="rosa@example.com"
    )


@pytest.fixture
def boss() -> User:
    return staff()


def waiting() -> list[FathomMeeting]:
    return list(FathomMeeting.objects.filter(recorder=STRANGER).order_by("recording_id"))


def state() -> list[dict[str, Any]]:
    columns = [name for name in keeping.COLUMNS if name != "first_seen"]
    return [
        {**row, "raw": bytes(row["raw"] or b"")}
        for row in FathomMeeting.objects.order_by("recording_id", "organization_id").values(
            *columns, "raw"
        )
    ]


def assigned(rep: SalesRep, boss: User) -> Assignment:
    made = assigning.assign(waiting(), rep, remember=False, actor=boss).assignment
    assert made is not None
    return made


def test_it_all_waits_again_as_it_did_and_that_is_audited(rep, boss):
    before = state()
    count = len(waiting())
    assignment = assigned(rep, boss)
    assert assignment.calls == Call.objects.filter(rep=rep).count() == count
    undone = undoing.undo(assignment, actor=boss)
    assert (undone.restored, undone.kept) == (count, 0)
    assert state() == before
    assert not Call.objects.filter(rep=rep).exists()
    rep.refresh_from_db()
    assert rep.call_count == 0
    assert AuditEvent.objects.filter(action="meeting.unassigned").count() == 1
    assert not AssignedMeeting.objects.exists()
    with pytest.raises(ValidationError):
        undoing.undo(assignment, actor=boss)


def test_a_remembered_address_is_forgotten_and_what_followed_it_waits_again(rep, boss):
    [chosen, *others] = waiting()
    assignment = assigning.assign([chosen], rep, remember=True, actor=boss).assignment
    assert assignment is not None
    assert assignment.remembered == [STRANGER]
    unmatched.look_again(rep.pk)
    assert Call.objects.filter(rep=rep).count() == len(others) + 1
    assert undoing.undo(assignment, actor=boss).restored == len(others) + 1
    unmatched.look_again(rep.pk)
    assert not RepAlias.objects.filter(normalized=STRANGER).exists()
    assert {meeting.reason for meeting in waiting()} == {"no_rep"}
    assert not Call.objects.filter(rep=rep).exists()


@pytest.mark.parametrize("change", ["outcome", "rep", "said anew", "deleted"])
def test_what_was_changed_since_stays(change, rep, boss):
    assignment = assigned(rep, boss)
    call = Call.objects.filter(rep=rep).earliest("pk")
    if change == "outcome":
        Call.objects.filter(pk=call.pk).update(outcome="Won")
    elif change == "rep":
        other = services.create_rep(
            organization=rep.organization, name="Other", email="other@example.com"
        )
        Call.objects.filter(pk=call.pk).update(rep=other)
    elif change == "said anew":
        Call.objects.filter(pk=call.pk).update(updated_at=timezone.now())
    else:
        call.delete()
    undone = undoing.undo(assignment, actor=boss)
    assert (undone.restored, undone.kept) == (assignment.calls - 1, 1)
    assert "1 stays, as it was changed since." in undone.message
    assert Call.objects.filter(pk=call.pk).exists() is (change != "deleted")
    assert FathomMeeting.objects.filter(recorder=STRANGER, outcome="imported").count() == 1


def test_a_call_that_was_another_reps_is_theirs_again(rep, boss):
    services.add_alias(rep=rep, address=STRANGER)
    unmatched.look_again(rep.pk)
    other = services.create_rep(
        organization=rep.organization, name="Other", email="other@example.com"
    )
    given = waiting()
    made = assigning.assign(given, other, remember=False, actor=boss).assignment
    assert made is not None
    assert assigning.assign(waiting(), other, remember=False, actor=boss).assignment is None
    undoing.undo(made, actor=boss)
    calls = Call.objects.filter(external_id__in=[meeting.recording_id for meeting in given])
    assert set(calls.values_list("rep", "match_locked")) == {(rep.pk, False)}
    rep.refresh_from_db()
    assert rep.call_count == len(given)


def test_the_other_organizations_row_comes_back_with_it(rep, boss):
    services.add_alias(rep=rep, address=STRANGER)
    contoso = organization("Contoso Growth")
    services.create_rep(organization=contoso, name="Somebody", email=STRANGER)
    unmatched.look_again(rep.pk)
    before = state()
    chosen = [meeting for meeting in waiting() if meeting.organization_id == rep.organization_id]
    made = assigning.assign(chosen, rep, remember=False, actor=boss).assignment
    assert made is not None
    assert not FathomMeeting.objects.filter(recorder=STRANGER, organization=contoso).exists()
    assert not undoing.may_undo(member("CEO", rep.organization), made)
    assert undoing.may_undo(boss, made)
    undoing.undo(made, actor=boss)
    assert state() == before


def test_after_a_week_it_is_forgotten(rep, boss):
    assignment = assigned(rep, boss)
    Assignment.objects.update(made_at=timezone.now() - keeping.KEPT_FOR - timedelta(minutes=1))
    with pytest.raises(ValidationError):
        undoing.undo(assignment, actor=boss)
    keeping.forget()
    assert not Assignment.objects.exists()
    assert Call.objects.filter(rep=rep).exists()


def test_the_api_takes_it_back_once_for_whoever_may(sandbox, settings, monkeypatch):
    fathom = point_at(sandbox, settings, monkeypatch)
    fathom.turn("fathom", meetings=60)
    world = World()
    synced(own_account(world.organization, key="koppel-demo.fathom-key_0001"))
    ids = list(FathomMeeting.objects.filter(recorder=CHLOE).values_list("pk", flat=True))
    ceo, closer = client_of(world.users["CEO"]), client_of(world.users["CLOSER"])
    body = {"ids": [str(pk) for pk in ids], "repId": str(world.rep.pk), "remember": True}
    made = ceo.post("/api/fathom/unmatched/assign", body).json()["assignmentId"]
    [row] = ceo.get("/api/fathom/assignments").json()["results"]
    assert (row["id"], row["calls"], row["remembered"], row["repName"]) == (
        made,
        len(ids),
        [CHLOE],
        world.rep.name,
    )
    assert closer.get("/api/fathom/assignments").json()["results"] == []
    path = f"/api/fathom/assignments/{made}/undo"
    assert_error(closer.post(path), 404)
    assert_error(client_of(world.users["MANAGER"]).post(path), 403)  # an address goes with it
    answer = ceo.post(path)
    assert (answer.status_code, answer.json()["restored"], answer.json()["kept"]) == (
        200,
        len(ids),
        0,
    )
    assert ids
    assert len(ids) == len(recorded_by(fathom, CHLOE))
    assert_error(ceo.post(path), 404)


def test_staff_read_in_the_admin_what_was_assigned_and_change_nothing(rep, boss, client):
    assignment, title = assigned(rep, boss), waiting()[0].title
    address = f"/admin/fathom_sync/assignment/{assignment.pk}/change/"
    for role in roles.ROLES:
        client.force_login(staff(role), backend="core.signin.Backend")
        page = client.get(address).content.decode()
        assert title in page
        assert 'name="_save"' not in page
        assert client.post(address, {"calls": 7}).status_code == 403
    assert b"Rosa Klein" in client.get("/admin/fathom_sync/assignment/?undone=0").content
    undoing.undo(assignment, actor=boss)
    assert title not in client.get(address).content.decode()
    assert b"Rosa Klein" not in client.get("/admin/fathom_sync/assignment/?undone=0").content

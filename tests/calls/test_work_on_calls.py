"""What people make of a call: outcome, lead, action items, comments;
by the services and by the API.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from calls import library
from calls.access import calls_for, colleagues_of
from calls.models import Call, CallAction, CallComment
from calls.services import actions, outcomes
from core.models import AuditEvent
from core.signin import roles
from crm import brief
from crm import services as crm
from crm.models import Member
from tests.calls.cast import fathom_call, native_call
from tests.support import people
from tests.support.people import client_of
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world: World) -> Any:
    return client_of(world.users["CLOSER"])


def test_outcome_and_lead_are_set_kept_and_written_down(world: World, client: Any):
    call = fathom_call(world)
    answer = client.patch(f"/api/calls/{call.pk}", {"outcome": "won", "leadId": str(world.lead.pk)})
    # A closer sees the leads of their meetings.
    assert answer.status_code == 200, answer.content
    assert (answer.json()["outcome"], answer.json()["lead"]["id"]) == ("won", str(world.lead.pk))
    # A source that says otherwise changes neither.
    fathom_call(
        world, external_id=call.external_id, outcome="lost", lead_id=None, title="Told again"
    )
    call.refresh_from_db()
    assert (call.outcome, call.lead, call.title) == ("won", world.lead, "Told again")
    events = AuditEvent.objects.filter(action__startswith="call.").order_by("pk")
    assert {event.action: event.facts for event in events} == {
        "call.lead_set": {"before": None, "lead": str(world.lead.pk)},
        "call.outcome_set": {"before": "", "outcome": "won"},
    }
    assert client.patch(f"/api/calls/{call.pk}", {"leadId": None}).json()["lead"] is None


def test_of_two_who_set_it_at_once_the_second_is_told(world: World):
    call = fathom_call(world)
    ada, bo = Call.objects.get(pk=call.pk), Call.objects.get(pk=call.pk)
    outcomes.set_outcome(ada, "won", was="", actor=world.users["CEO"])
    with pytest.raises(outcomes.SetMeanwhile):
        outcomes.set_outcome(bo, "lost", was="", actor=world.users["CLOSER"])
    outcomes.set_lead(ada, world.lead, was=None, actor=world.users["CEO"])
    zoe = crm.create_lead(organization=world.organization, name="Zoe")
    with pytest.raises(outcomes.SetMeanwhile):
        outcomes.set_lead(bo, zoe, was=None, actor=world.users["CEO"])
    call.refresh_from_db()
    assert (call.outcome, call.lead) == ("won", world.lead)
    assert AuditEvent.objects.filter(action="call.outcome_set").count() == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"outcome": "great"}, 400, "outcome"),
        ({"outcome": 5}, 400, "outcome"),
        ({"leadId": "x"}, 400, "leadId"),
        ({"leadId": "01234567-89ab-cdef-0123-456789abcdef"}, 400, "leadId"),
        ({}, 200, ""),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    world: World, client: Any, body: dict[str, Any], status: int, field: str
):
    answer = client.patch(f"/api/calls/{fathom_call(world).pk}", body)
    assert answer.status_code == status
    assert not field or field in answer.json()["fields"]


def test_a_call_of_a_meeting_keeps_its_lead_and_tells_the_meeting(world: World, client: Any):
    call = native_call(world)
    assert (
        client.patch(f"/api/calls/{call.pk}", {"leadId": None}).json()["error"] == "lead_of_meeting"
    )
    for outcome, status in (("no-show", "no_show"), ("", "scheduled"), ("lost", "completed")):
        assert client.patch(f"/api/calls/{call.pk}", {"outcome": outcome}).status_code == 200
        world.appointment.refresh_from_db()
        assert world.appointment.status == status
    crm.cancel_appointment(appointment=world.appointment)
    client.patch(f"/api/calls/{call.pk}", {"outcome": "won"})
    world.appointment.refresh_from_db()
    assert world.appointment.status == "cancelled"
    entries = client.get(f"/api/crm/appointments/{world.appointment.pk}/history").json()["results"]
    assert all(entry["actor"] == "closer" for entry in entries)
    assert [(entry["action"].partition(".")[2], entry["facts"]) for entry in entries] == [
        ("outcome_set", {"outcome": "won", "previousOutcome": "lost"}),
        ("outcome_set", {"outcome": "lost", "previousOutcome": ""}),
        ("completed", {"previousStatus": "scheduled"}),
        ("outcome_set", {"outcome": "", "previousOutcome": "no-show"}),
        ("reopened", {"previousStatus": "no_show"}),
        ("outcome_set", {"outcome": "no-show", "previousOutcome": ""}),
        ("no_show", {"previousStatus": "scheduled"}),
    ]


def test_staff_who_only_look_change_nothing(world: World):
    call = fathom_call(world, action_items=["Send it"])
    viewer = client_of(people.staff(roles.OPERATIONS_VIEWER))
    path = f"/api/calls/{call.pk}"
    assert viewer.get(path).status_code == viewer.get(f"{path}/actions").status_code == 200
    assert viewer.patch(path, {"outcome": "won"}).status_code == 403
    for kind in ("actions", "comments"):
        assert viewer.post(f"{path}/{kind}", {"text": "x"}).status_code == 403
    admin = client_of(people.staff(roles.OPERATIONS_ADMIN))
    assert admin.patch(path, {"outcome": "won"}).status_code == 200


def test_colleagues_of_a_call_are_those_who_see_it(world: World):
    """The two sides of one rule: whom an item may be given to, and whose calls they are."""
    people.member("MANAGER", world.organization, "another-manager")
    people.member("CLOSER", world.organization, "another-closer")
    others = world.book(closer=None, team=None)
    calls = [
        fathom_call(world), fathom_call(world, rep_id=None), native_call(world),
        native_call(world, others),
    ]  # fmt: skip
    for call in calls:
        seeing = {
            member.pk
            for member in Member.objects.filter(organization=world.organization)
            if calls_for(member.user).filter(pk=call.pk).exists()
        }
        assert {member.pk for member in colleagues_of(call)} == seeing


def test_an_item_is_added_ticked_given_and_dropped_by_the_api(world: World, client: Any):
    call = fathom_call(world, action_items=["Send it"])
    path = f"/api/calls/{call.pk}/actions"
    added = client.post(
        path,
        {"text": " Ring Paul ", "dueOn": "2026-12-24", "assigneeId": str(world.members["CEO"].pk)},
    )
    assert added.status_code == 201, added.content
    assert added.json() | {"id": "", "assigneeId": ""} == {
        "id": "", "text": "Ring Paul", "done": False, "doneAt": None, "doneBy": "",
        "assigneeId": "", "dueOn": "2026-12-24", "who": "", "at": None, "fromSource": False,
    }  # fmt: skip
    listed = client.get(path).json()["results"]
    assert {row["text"]: row["fromSource"] for row in listed} == {
        "Send it": True,
        "Ring Paul": False,
    }
    single = f"{path}/{added.json()['id']}"
    done = client.patch(single, {"done": True}).json()
    assert done["done"]
    assert done["doneBy"]
    assert client.patch(single, {"done": True}).json()["doneAt"] == done["doneAt"]
    assert AuditEvent.objects.filter(action="action.changed").count() == 1
    given = next(row["id"] for row in listed if row["fromSource"])
    assert client.delete(f"{path}/{given}").json()["error"] == "of_its_source"
    outsider = people.member("CLOSER", world.organization, "blind")
    refused = client.patch(f"{path}/{given}", {"assigneeId": str(outsider.memberships.get().pk)})
    assert "assigneeId" in refused.json()["fields"]
    assert client.delete(single).status_code == 204
    assert client.delete(single).status_code == 404


def test_ones_open_items_are_those_given_and_those_of_ones_own_recent_calls(world: World):
    now = timezone.now()
    ceo, closer = world.users["CEO"], world.users["CLOSER"]
    recent = fathom_call(
        world, started_at=now, ended_at=None, action_items=["Mine by my call", "Done"]
    )
    old = fathom_call(
        world, started_at=now - timedelta(days=90), ended_at=None, action_items=["Stale", "Given"]
    )
    actions.change(CallAction.objects.get(text="Done"), actor=closer, done=True)
    given = CallAction.objects.get(text="Given")
    actions.change(given, actor=ceo, assignee=world.members["CLOSER"], due_on=date(2026, 1, 1))
    assert [action.text for action in actions.open_for(closer)] == ["Given", "Mine by my call"]
    assert list(actions.open_for(ceo)) == []
    # What they do not see any more is not theirs to do.
    Call.objects.filter(pk=old.pk).update(rep=None)
    assert [action.call_id for action in actions.open_for(closer, world.organization.pk)] == [
        recent.pk
    ]


def test_what_people_wrote_stays_behind_when_a_call_goes_to_another_organization(world: World):
    call = fathom_call(world, action_items=["Send it"], lead_id=world.lead.pk)
    CallComment.objects.create(call=call, text="Ours", author=world.users["CEO"])
    actions.add(call, "Ours too", actor=world.users["CEO"])
    item = CallAction.objects.get(from_source=True)
    actions.change(item, actor=world.users["CEO"], assignee=world.members["CLOSER"])
    other = World("Contoso", prefix="other-")
    library.give_to(other.rep, [call.pk], by_hand=True)
    assert not CallComment.objects.exists()
    assert list(CallAction.objects.values_list("text", "assignee")) == [("Send it", None)]


def test_each_changes_their_own_comments_alone(world: World, client: Any):
    call = fathom_call(world)
    path = f"/api/calls/{call.pk}/comments"
    made = client.post(path, {"text": "Good question", "at": 65})
    assert made.status_code == 201
    assert (made.json()["at"], made.json()["own"], made.json()["editedAt"]) == (65, True, None)
    single = f"{path}/{made.json()['id']}"
    chief = client_of(world.users["CEO"])
    assert [row["own"] for row in chief.get(path).json()["results"]] == [False]
    assert chief.patch(single, {"text": "x"}).status_code == chief.delete(single).status_code == 403
    assert client.patch(single, {"text": "Great question"}).json()["editedAt"]
    for body in (
        {"text": ""},
        {"text": "x\x00"},
        {"text": "x" * 2001},
        {"text": "x", "at": 90_000},
    ):
        assert client.post(path, body).status_code == 400
    assert client.delete(single).status_code == 204
    facts = AuditEvent.objects.filter(action="comment.added").values_list("facts", flat=True)
    assert [set(fact) for fact in facts] == [{"comment"}]


def test_no_call_has_items_without_end(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(actions, "MOST_OF_A_CALL", 1)
    call = fathom_call(world)
    actions.add(call, "One", actor=world.users["CEO"])
    with pytest.raises(actions.TooManyItems):
        actions.add(call, "Two", actor=world.users["CEO"])
    with pytest.raises(ValidationError):
        actions.add(call, " ", actor=world.users["CEO"])


def test_the_brief_of_a_lead_has_what_people_left_to_be_done(world: World):
    library.store_call(
        organization_id=world.organization.pk,
        source=Call.Source.FATHOM,
        external_id=world.call.external_id,
        action_items=[{"description": "Send the offer"}, {"description": "Call the bank"}],
    )
    chief = world.users["CEO"]
    actions.change(CallAction.objects.get(text="Send the offer"), actor=chief, done=True)
    actions.add(world.call, "Ask Ada", actor=chief)
    found = brief.of(chief, world.lead).last_call
    assert found is not None
    assert found.items == ("Call the bank", "Ask Ada")

"""The page of a call lives: outcome, lead, action items and comments in place,
and the ways on from it.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import Call, CallAction, CallComment
from core.signin import roles
from crm import services as crm
from tests.calls.cast import NOON, fathom_call, native_call
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World

HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def closer(world: World) -> Client:
    return signed_in(world.users["CLOSER"])


def page_of(client: Client, call: Call, query: str = "") -> str:
    answer = client.get(f"/calls/{call.pk}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def toast_of(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer["HX-Trigger"])["koppel:toast"]
    return found


def test_an_outcome_is_set_in_place_and_can_be_undone(world: World, closer: Client):
    call = fathom_call(world)
    path = f"/calls/{call.pk}/outcome"
    assert "Set outcome" in page_of(closer, call)
    answer = closer.post(path, {"outcome": "won", "was": ""}, headers=HTMX)
    assert answer.content.decode().lstrip().startswith('<div id="call-outcome"')
    toast = toast_of(answer)
    assert toast["undo"]["values"] == {"outcome": "", "was": "won"}
    undone = closer.post(toast["undo"]["address"], toast["undo"]["values"], headers=HTMX)
    assert "Set outcome" in undone.content.decode()
    call.refresh_from_db()
    assert call.outcome == ""


def test_whoever_sets_it_second_is_told_and_shown_what_it_is(world: World, closer: Client):
    call = fathom_call(world)
    signed_in(world.users["CEO"]).post(f"/calls/{call.pk}/outcome", {"outcome": "lost", "was": ""})
    answer = closer.post(f"/calls/{call.pk}/outcome", {"outcome": "won", "was": ""}, headers=HTMX)
    assert toast_of(answer) == {"level": "warn", "text": "Somebody else set the outcome meanwhile."}
    assert "Lost" in answer.content.decode()
    # Without scripts the page says the same.
    plain = closer.post(f"/calls/{call.pk}/outcome", {"outcome": "won", "was": ""}, follow=True)
    assert "Somebody else set the outcome meanwhile." in plain.content.decode()
    assert Call.objects.get(pk=call.pk).outcome == "lost"


def test_a_lead_is_found_by_typing_set_and_taken_off(world: World, closer: Client):
    call = fathom_call(world)
    hidden = crm.create_lead(organization=world.organization, name="Lead of others")
    path = f"/calls/{call.pk}/lead"
    found = closer.get(f"{path}/options?search=lea").json()["options"]
    assert [option["value"] for option in found] == [str(world.lead.pk)]
    answer = closer.post(path, {"lead": str(world.lead.pk), "was": ""}, headers=HTMX)
    assert world.lead.name in answer.content.decode()
    undo = toast_of(answer)["undo"]["values"]
    assert undo == {"lead": "", "was": str(world.lead.pk)}
    # One that they do not see is none, and one that is typed whole is meant.
    for entered in (str(hidden.pk), hidden.name, "\x00"):
        answer = closer.post(path, {"lead": entered, "was": str(world.lead.pk)}, headers=HTMX)
        assert toast_of(answer)["level"] == "warn"
    closer.post(path, undo)
    closer.post(path, {"lead": world.lead.name.upper(), "was": ""})
    call.refresh_from_db()
    assert call.lead == world.lead


def test_an_item_is_ticked_undone_given_and_added(world: World, closer: Client):
    call = fathom_call(world, action_items=["Send it"])
    item = CallAction.objects.get()
    path = f"/calls/{call.pk}/actions/{item.pk}"
    answer = closer.post(path, {"act": "tick", "done": "1"}, headers=HTMX)
    assert "1 done" in answer.content.decode()
    toast = toast_of(answer)
    assert toast["undo"]["address"] == path
    closer.post(path, toast["undo"]["values"], headers=HTMX)
    form = closer.get(path, headers=HTMX).content.decode()
    assert str(world.members["CEO"].pk) in form
    assert "<html" in closer.get(path).content.decode()
    day = timezone.localdate() - timedelta(days=1)
    given = {"act": "give", "assignee": str(world.members["CEO"].pk), "due_on": day.isoformat()}
    answer = closer.post(path, given, headers=HTMX)
    assert "call-task-late" in answer.content.decode()
    item.refresh_from_db()
    assert (item.is_done, item.assignee, item.due_on) == (False, world.members["CEO"], day)
    refused = closer.post(path, {"act": "give", "due_on": "tomorrow"}, headers=HTMX)
    assert "aria-invalid" in refused.content.decode()
    closer.post(f"/calls/{call.pk}/actions", {"text": "Ring Paul"})
    added = CallAction.objects.get(text="Ring Paul")
    closer.post(f"/calls/{call.pk}/actions/{added.pk}", {"act": "drop"})
    assert not CallAction.objects.filter(pk=added.pk).exists()


def test_a_comment_stands_at_its_time_and_is_its_authors(world: World, closer: Client):
    call = fathom_call(world)
    path = f"/calls/{call.pk}/comments"
    answer = closer.post(path, {"text": "<b>Good</b>", "at": "1:02:05"}, headers=HTMX)
    shown = answer.content.decode()
    assert 'data-comment-at="3725"' in shown
    assert "&lt;b&gt;Good" in shown
    comment = CallComment.objects.get()
    for at in ("2 min", "1:2:3:4", "-1", "9" * 13, "٣"):
        refused = closer.post(path, {"text": "Kept words", "at": at}, headers=HTMX)
        assert "Kept words" in refused.content.decode()
    chief = signed_in(world.users["CEO"])
    assert "Good" in page_of(chief, call)
    assert chief.post(f"{path}/{comment.pk}", {"act": "delete"}).status_code == 403
    closer.post(f"{path}/{comment.pk}", {"text": "Better"})
    comment.refresh_from_db()
    assert (comment.text, comment.at) == ("Better", 3725)
    closer.post(f"{path}/{comment.pk}", {"act": "delete"})
    assert not CallComment.objects.exists()


def test_a_shared_link_says_kindly_what_to_do_and_not_whether_there_is_such_a_call(world: World):
    call = fathom_call(world, title="A secret of ours")
    stranger = signed_in(people.member("CEO", people.organization("Else")))
    answers = [stranger.get(f"/calls/{key}?t=125") for key in (call.pk, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    pages = [answer.content.decode() for answer in answers]
    assert all("Ask for access" in page for page in pages)
    assert "secret of ours" not in pages[0]
    outside = Client().get(f"/calls/{call.pk}?t=125")
    assert outside.status_code == 302
    assert "%3Ft%3D125" in outside["Location"]


def test_whoever_only_looks_has_nothing_to_press(world: World):
    call = fathom_call(world, outcome="won", action_items=["Send it"])
    viewer = signed_in(people.staff(roles.OPERATIONS_VIEWER))
    page = page_of(viewer, call)
    assert "Won" in page
    assert "Send it" in page
    for part in ("outcome-menu", "call-add", "data-comment-form", "call-change"):
        assert part not in page
    for path in ("outcome", "lead", "actions", "comments"):
        assert viewer.post(f"/calls/{call.pk}/{path}", {"text": "x"}).status_code == 403


def test_the_next_call_is_that_of_the_list_it_was_opened_from(world: World, closer: Client):
    first, second, third = (
        fathom_call(world, started_at=NOON + timedelta(days=day), ended_at=None, outcome=outcome)
        for day, outcome in enumerate(("won", "lost", "won"))
    )
    listed = closer.get("/calls?outcome=won&before=&ordering=-when").content.decode()
    assert f'href="/calls/{third.pk}?outcome=won"' in listed
    page = page_of(closer, third, "?outcome=won")
    assert f'href="/calls/{first.pk}?outcome=won"' in page
    assert 'href="/calls?outcome=won"' in page
    assert f'href="/calls/{second.pk}"' in page_of(closer, third)
    assert 'rel="prev"' not in page
    # What a filter cannot be is no filter.
    page_of(closer, third, "?rep=x&since=y&t=z&state=&length=x")


def test_a_line_leads_to_fathom_at_its_second_where_fathom_shows_how(world: World, closer: Client):
    spoken = [
        {"speaker": "Ada", "at": 7, "text": "Hi"},
        {"speaker": "Bo", "at": 62.6, "text": "Hello?"},
    ]
    item = {
        "description": "Send it",
        "at": 645,
        "url": "https://fathom.video/calls/7?timestamp=645.2",
    }
    known = page_of(closer, fathom_call(world, transcript=spoken, action_items=[item]))
    assert 'href="https://fathom.video/calls/7?timestamp=63" target="_blank"' in known
    # Of one whose second is another, and of none, nothing is made up.
    for items in ([item | {"at": 60}], [item | {"url": "https://fathom.video/calls/7"}], []):
        page = page_of(closer, fathom_call(world, transcript=spoken, action_items=items))
        assert 'href="?t=63"' in page
        assert "timestamp=63" not in page


def test_what_the_times_tell_and_the_summary_to_take_along(world: World, closer: Client):
    spoken = [
        {"speaker": "Ada", "at": 0, "text": "Why? " * 10},
        {"speaker": "Bo", "at": 8, "text": "So. " * 10},
    ]
    call = fathom_call(
        world,
        transcript=spoken,
        summary="## Plan\n- a",
        participants=[{"display_name": "Ada"}],
        lead_id=world.lead.pk,
    )
    other = fathom_call(world, title="Another of this lead", lead_id=world.lead.pk)
    page = page_of(closer, call)
    for words in (
        "50 %",
        "Longest monologue",
        "Estimated from the times",
        "Copy summary",
        other.title,
    ):
        assert words in page, words
    assert "Discovery\n2 November 2026, 13:00–13:30\nAda\n\n## Plan\n- a</textarea>" in page
    assert "Longest monologue" not in page_of(closer, other)


def test_how_it_went_is_said_on_the_way_out(world: World, closer: Client, settings: Any):
    settings.LIVEKIT_API_URL, settings.LIVEKIT_API_KEY = (
        "wss://video.example.com",
        "APIdevTestKey01",
    )
    settings.LIVEKIT_API_SECRET = "made-up-livekit-secret-0123456789abcdef"
    room = f"/app/call/{world.appointment.pk}"
    assert f'action="{room}/went"' in closer.get(room).content.decode()
    assert "/went" not in signed_in(world.users["CEO"]).get(room).content.decode()
    # Nobody came in: all that can be said is that it was a no-show.
    assert closer.post(f"{room}/went", {"outcome": "won"}).status_code == 404
    closer.post(f"{room}/went", {"outcome": "no-show"})
    world.appointment.refresh_from_db()
    assert world.appointment.status == "no_show"
    call = native_call(world)
    answer = closer.post(f"{room}/went", {"outcome": "follow-up", "note": "Wants a demo"})
    assert answer["Location"] == f"/calls/{call.pk}"
    page = page_of(closer, call)
    assert "Wants a demo" in page
    assert "Follow-up" in page
    world.appointment.refresh_from_db()
    assert world.appointment.status == "completed"


def test_what_no_outcome_can_have_been_is_no_outcome(world: World, closer: Client):
    call = fathom_call(world)
    answer = closer.post(
        f"/calls/{call.pk}/outcome", {"outcome": "won", "was": "lost\x00"}, headers=HTMX
    )
    assert toast_of(answer)["level"] == "warn"

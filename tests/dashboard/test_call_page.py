"""The page of one call: who was there, what came of it, what can be played, and what was said."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import Call, CallAction, CallComment, CallParticipant, Recording
from core.models import User
from tests.calls.cast import NOON, fathom_call, native_call
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


@pytest.fixture
def storage(settings: Any) -> None:
    settings.RECORDINGS_S3_BUCKET = "calls"
    settings.RECORDINGS_S3_ENDPOINT = "https://films.example"
    settings.RECORDINGS_S3_REGION = "eu-west-1"
    settings.RECORDINGS_S3_ACCESS_KEY = "key-of-no-value"
    settings.RECORDINGS_S3_SECRET_KEY = "secret-of-no-value"


def page_of(client: Client, call: Call, query: str = "") -> str:
    answer = client.get(f"/calls/{call.pk}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def past_call(world: World, **more: Any) -> Call:
    """The world's meeting, held."""
    times = {"started_at": NOON, "ended_at": NOON + timedelta(minutes=30), "status": "COMPLETED"}
    return native_call(world, **{**times, **more})


def test_a_fathom_call_with_all_that_is_known_of_it(world: World, chief: Client):
    call = fathom_call(
        world,
        lead_id=world.lead.pk,
        summary="## Wishes\n- a **price**",
        outcome="won",
        action_items=[
            "Send it",
            {"description": "Call Paul", "completed": True, "assignee": {"name": "Ada"}},
            {},
        ],
        participants=[
            {"display_name": "Ada", "is_host": True},
            {"email": "paul@example.com", "is_external": True},
        ],
        transcript=[
            {"speaker": "Ada", "at": 62.5, "text": "Hello"},
            {"speaker": "Ada", "at": 70, "text": "there"},
        ],
    )
    page = page_of(chief, call)
    for words in (
        "2 November 2026, 13:00–13:30",
        "30 min",
        f'href="/calls/reps/{world.rep.pk}"',
        world.lead.name,
        "Won",
        "<h3>Wishes</h3>\n<ul>\n<li>a <strong>price</strong></li>\n</ul>",
        "Send it",
        "Call Paul",
        "· Ada",
        "paul@example.com",
        "From outside",
        "Open the recording",
        'href="https://fathom.video/calls/1"',
        "1:02",
    ):
        assert words in page, words
    # A name is said once while its person goes on.
    assert page.count('<p class="transcript-speaker">Ada</p>') == 1


def test_a_call_of_which_nothing_is_known_says_so(world: World, chief: Client):
    page = page_of(chief, native_call(world))
    assert "Planned" in page
    assert "The transcript appears here after the call" in page
    assert "<video" not in page


def test_all_stays_of_a_person_are_one_line_and_a_recorder_is_nobody(world: World, chief: Client):
    call = past_call(world)
    user = world.users["CLOSER"]
    for number, (seconds, identity) in enumerate(
        [(600, "phone"), (1500, "laptop"), (60, "laptop")]
    ):
        CallParticipant.objects.create(
            call=call, user=user, identity=identity, sid=str(number), total_seconds=seconds,
            display_name="Cleo", joined_at=NOON,
            is_host=True, member_role="CLOSER",
        )  # fmt: skip
    CallParticipant.objects.create(
        call=call,
        kind="guest",
        identity="g",
        is_guest=True,
        display_name="Lea",
        sid="9",
        joined_at=NOON,
    )
    CallParticipant.objects.create(
        call=call, kind="recorder", identity="EG_1", display_name="egress", sid="10"
    )
    people_shown = chief.get(f"/calls/{call.pk}").context["people"]
    # No longer than the call was.
    assert [(person.name, person.seconds) for person in people_shown] == [
        ("Cleo", 1800),
        ("Lea", None),
    ]
    assert "egress" not in page_of(chief, call)


@pytest.mark.usefixtures("storage")
def test_a_recording_is_played_from_where_it_lies_by_a_link_that_is_signed_when_asked_for(
    world: World, chief: Client
):
    call = past_call(world)
    recording = Recording.objects.create(
        call=call, state="available", key="a/b.mp4", duration_seconds=61
    )
    answer = chief.get(f"/calls/{call.pk}")
    page = answer.content.decode()
    assert f'src="/calls/{call.pk}/recordings/{recording.pk}"' in page
    for hidden in ("films.example", "X-Amz", "b.mp4", "key-of-no-value"):
        assert hidden not in page
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )
    assert set(policy["media-src"].split()) == {"'self'", "blob:", "https://films.example"}
    for other in ("/calls", f"/calls/{fathom_call(world).pk}", "/"):
        assert "films.example" not in chief.get(other)["Content-Security-Policy"]
    way = chief.get(f"/calls/{call.pk}/recordings/{recording.pk}", HTTP_ACCEPT="*/*")
    assert way.status_code == 302
    assert way["Location"].startswith("https://films.example/calls/a/b.mp4?")
    assert "X-Amz-Signature=" in way["Location"]
    assert "no-store" in way["Cache-Control"]


@pytest.mark.usefixtures("storage")
def test_a_recording_is_for_those_who_see_its_call(world: World):
    call = past_call(world)
    recording = Recording.objects.create(call=call, state="available", key="a/b.mp4")
    other = past_call(World("Contoso", prefix="other-"))
    path = f"/calls/{call.pk}/recordings/{recording.pk}"
    statuses = {role: signed_in(user).get(path).status_code for role, user in world.users.items()}
    assert statuses == dict.fromkeys(world.users, 302)
    assert signed_in(people.member("CEO", people.organization("Else"))).get(path).status_code == 404
    # Not by the number of another call either.
    assert (
        signed_in(world.users["CEO"])
        .get(f"/calls/{other.pk}/recordings/{recording.pk}")
        .status_code
        == 404
    )
    Recording.objects.update(state="expired", deleted_at=timezone.now())
    assert signed_in(world.users["CEO"]).get(path).status_code == 404


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        ("starting", "", "is about to begin"),
        ("active", "", "is being recorded now"),
        ("processing", "", "is being prepared"),
        ("failed", "", "could not be recorded"),
        ("failed", "empty", "ended without any picture or sound"),
        ("failed", "egress_aborted: EGRESS_ABORTED", "could not be recorded"),
        ("expired", "", "was deleted when the time"),
        ("available", "", "cannot be played at this moment"),
    ],
)
def test_what_cannot_be_played_is_explained_in_plain_words(
    world: World, chief: Client, state: str, reason: str, words: str
):
    call = past_call(world)
    Recording.objects.create(call=call, state=state, reason=reason)
    page = page_of(chief, call)
    assert words in page
    assert "egress" not in page.lower()
    assert "<video" not in page


@pytest.mark.usefixtures("storage")
def test_a_later_failure_does_not_hide_what_can_be_played(world: World, chief: Client):
    call = past_call(world)
    Recording.objects.create(call=call, state="available", key="a.mp4", reason="broke_off")
    Recording.objects.create(call=call, state="failed")
    page = page_of(chief, call)
    assert page.count("<video") == 1
    assert "What was recorded until then is here" in page


def long_call(world: World, lines: int = 1200) -> Call:
    segments = [
        {"speaker": f"P{n % 2}", "at": n * 4, "text": f"Sentence {n} of a very long conversation."}
        for n in range(lines)
    ]
    return fathom_call(
        world, transcript=[*segments, {"speaker": "P0", "at": 9000, "text": "zeppelin"}]
    )


def test_a_long_transcript_follows_when_the_page_is_there(world: World, chief: Client):
    call = long_call(world)
    page = page_of(chief, call, "?search=zep%26")
    assert "zeppelin" not in page
    assert f'hx-get="/calls/{call.pk}/transcript?search=zep%26"' in page
    part = chief.get(
        f"/calls/{call.pk}/transcript", headers={"HX-Request": "true"}
    ).content.decode()
    assert part.lstrip().startswith("<div")
    assert "zeppelin" in part
    # Without scripts it is a page of its own.
    whole = chief.get(f"/calls/{call.pk}/transcript").content.decode()
    assert "zeppelin" in whole
    assert "<html" in whole


def test_a_page_asks_the_database_as_often_for_a_full_call_as_for_a_bare_one(
    world: World, chief: Client, django_assert_num_queries: Any
):
    bare = past_call(world)
    guests = [{"display_name": str(n)} for n in range(30)]
    lines = [{"speaker": "A", "at": n, "text": "x"} for n in range(200)]
    full = fathom_call(world, lead_id=world.lead.pk, participants=guests, transcript=lines)
    fathom_call(world, lead_id=world.lead.pk)
    for number in range(20):
        CallAction.objects.create(
            call=full, text="x", text_key=str(number), assignee=world.members["CEO"]
        )
        CallComment.objects.create(call=full, text="x", author=world.users["CEO"], at=number)
    for call, expected in ((bare, 13), (full, 13), (long_call(world), 12)):
        with django_assert_num_queries(expected):
            chief.get(f"/calls/{call.pk}")


def test_odd_texts_of_a_source_do_not_break_the_page(world: World, chief: Client):
    call = fathom_call(
        world, title="  ", summary="[x](javascript:alert(1)) <img src=x>",
        action_items=[None, 3, [], {}], participants=[{}, {"display_name": "🦄"}],
    )  # fmt: skip
    Call.objects.filter(pk=call.pk).update(started_at=None, duration_seconds=None)
    page = page_of(chief, call)
    assert "Call without a title" in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_the_page_speaks_the_readers_language(world: World, language: str):
    user = world.users["CEO"]
    User.objects.filter(pk=user.pk).update(language=language)
    page = page_of(signed_in(user), fathom_call(world, outcome="won", summary="x"))
    assert {"nl": "Samenvatting", "fr": "Résumé"}[language] in page

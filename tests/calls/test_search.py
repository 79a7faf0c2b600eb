"""Calls are found by their words, whatever the accents, and the places where it was said are
marked, never as HTML.
"""

import pytest
from django.db import connection

from calls import indexing, library, search, suggesting
from calls.models import Call, SearchedWord
from crm import services
from tests.calls.cast import fathom_call
from tests.support.people import client_of, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def calls(world) -> dict[str, Call]:
    return {
        "fr": fathom_call(
            world, title="Réunion chez Café Zoé", summary="Le café est prêt", transcript=[]
        ),
        "nl": fathom_call(
            world,
            title="Kennismaking",
            transcript=[
                {"speaker": "Noor", "at": 1, "text": "De reünie wordt geregeld, één offerte volgt"}
            ],
        ),
        "en": fathom_call(
            world, title="Pricing call", summary="Wants a discount & asks <b>why</b> – “prijs”?"
        ),
    }


def found(calls: dict[str, Call], words: str) -> set[str]:
    pks = set(search.matching(Call.objects.all(), words).values_list("pk", flat=True))
    return {name for name, call in calls.items() if call.pk in pks}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("cafe", {"fr"}),
        ("CAFÉ", {"fr"}),
        ("cafe\u0301", {"fr"}),
        ("reunion", {"fr"}),
        ("reunie", {"nl"}),
        ("een offerte", {"nl"}),
        ("offerte een", {"nl"}),
        ('"een offerte"', {"nl"}),
        ('"offerte een"', set()),
        ("discount or cafe", {"fr", "en"}),
        ("call -discount", set()),
        ("noor", {"nl"}),
        ("“een offerte”", {"nl"}),
        ("geregeld", {"nl"}),
        ("prijs", {"en"}),
        ("why", {"en"}),
        ("kennis", {"nl"}),
        ("prijs kennis", set()),
        ("RÉUNI", {"fr", "nl"}),
        ("een offer", {"nl"}),
        ("offer een", set()),
        ("ca", set()),
        ('"kennis"', set()),
        ("call -disco", {"en"}),
        ("noor kennis", {"nl"}),
        ("well'known:* nois", set()),
        ("“prij", set()),
        ("", {"fr", "nl", "en"}),
        ("  \x00 ", {"fr", "nl", "en"}),
        ("!!! & | ( <->", set()),
        ("' OR 1=1 --", set()),
        ("\ud800", set()),
    ],
)
def test_words_find_calls(calls, words, names):
    assert found(calls, words) == names


def test_a_place_where_a_word_begins_so_is_marked(calls):
    [place] = search.places([calls["nl"].pk], "kennis")[calls["nl"].pk]
    assert place["parts"] == [{"text": "Kennismaking", "hit": True}]


def test_a_mistyped_word_leads_to_the_nearest_that_the_persons_calls_have(world, calls):
    other = World("Contoso", prefix="other-")
    fathom_call(other, title="Kwartetspel")
    assert indexing.learn_waiting() == 4
    everything, ours = Call.objects.all(), Call.objects.filter(organization=world.organization)
    for typed, meant in {
        "discuont": "discount",
        "kenismaking": "kennismaking",
        "pricng call": "pricing call",
        "reunion prett": "reunion pret",
        "xylophonist": "",
        "discount": "",
        "a b c 12345": "",
    }.items():
        assert suggesting.suggestion(ours, typed, world.organization.pk) == meant, typed
    # A word of others is offered to nobody: not to their own scope,
    # nor to who may see less than it.
    assert suggesting.suggestion(everything, "kwartetspell", None) == "kwartetspel"
    assert suggesting.suggestion(ours, "kwartetspell", None) == ""
    assert suggesting.suggestion(ours, "kwartetspell", world.organization.pk) == ""


def test_words_are_learned_once_and_go_with_their_organization(world, calls):
    indexing.learn_waiting()
    learned = set(SearchedWord.objects.values_list("word", flat=True))
    assert {"pricing", "discount", "geregeld"} <= learned
    assert "een" not in learned
    library.store_call(
        organization_id=world.organization.pk,
        source="fathom",
        external_id=calls["en"].external_id,
        summary="Budgets",
    )
    assert indexing.learn_waiting() == 1
    assert indexing.learn_waiting() == 0
    assert set(SearchedWord.objects.values_list("word", flat=True)) == learned | {"budgets"}
    services.delete_organization(organization=world.organization, actor=staff())
    assert not SearchedWord.objects.exists()


def test_places_are_marked(calls):
    [place] = search.places([calls["nl"].pk], "offerte reünie")[calls["nl"].pk]
    assert place["field"] == "transcript"
    assert [part["text"] for part in place["parts"] if part["hit"]] == ["reünie", "offerte"]
    assert "".join(part["text"] for part in place["parts"]).startswith("Noor: De reünie")
    both = search.places([calls["fr"].pk], "cafe")[calls["fr"].pk]
    assert [place["field"] for place in both] == ["title", "summary"]


def test_marked_text_is_escaped(calls):
    [place] = search.places([calls["en"].pk], "why")[calls["en"].pk]
    assert (
        search.marked(place)
        == "Wants a discount &amp; asks &lt;b&gt;<mark>why</mark>&lt;/b&gt; – “prijs"
    )


def test_a_text_cannot_bring_its_own_marks(world):
    call = fathom_call(
        world, title=f"x {search.START}evil{search.STOP}{search.BETWEEN} why", summary="why <mark>"
    )
    title, summary = search.places([call.pk], "why")[call.pk]
    assert title["parts"] == [{"text": "x evil ", "hit": False}, {"text": "why", "hit": True}]
    assert search.marked(summary) == "<mark>why</mark> &lt;mark"


def test_a_changed_call_is_found_by_its_new_words_alone(world, calls):
    call = calls["en"]
    library.store_call(
        organization_id=world.organization.pk,
        source="fathom",
        external_id=call.external_id,
        summary="Budget only",
    )
    assert found(calls, "discount") == set()
    assert found(calls, "budget") == {"en"}


def test_an_endless_transcript_is_searched_by_its_first_part(world):
    text = "beginning " + " ".join(f"w{number}" for number in range(300_000)) + " ending"
    call = fathom_call(world, transcript=[{"speaker": "", "at": 0, "text": text}])
    assert list(search.matching(Call.objects.all(), "beginning")) == [call]
    assert not search.matching(Call.objects.all(), "ending").exists()


def test_the_api_answers_with_the_places(world, calls):
    client = client_of(world.users["CEO"])
    [row] = client.get("/api/calls?search=discount").json()["results"]
    assert row["id"] == str(calls["en"].pk)
    assert row["highlights"] == [
        {
            "field": "summary",
            "parts": [
                {"text": "Wants a ", "hit": False},
                {"text": "discount", "hit": True},
                {"text": " & asks <b>why</b> – “prijs", "hit": False},
            ],
        }
    ]
    assert [row["highlights"] for row in client.get("/api/calls").json()["results"]] == [[], [], []]
    assert client.get(f"/api/calls?search={'x' * 201}").status_code == 400


def test_the_index_of_words_is_used(calls):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        plan = search.matching(Call.objects.all(), "discount").explain()
    assert "call_words" in plan


@pytest.mark.parametrize("nothing", ["€", "Ⅷ", "🏴", "<>", '""', "—", "( )"])
def test_what_holds_no_word_finds_nothing(calls, nothing):
    assert not search.matching(Call.objects.all(), nothing).exists()
    assert search.matching(Call.objects.all(), " ").count() == Call.objects.count()

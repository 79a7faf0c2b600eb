"""Action items of a source as rows: what people made of them outlives what the source says next."""

from datetime import date
from typing import Any

import pytest

from calls import action_items, library
from calls.models import Call, CallAction
from calls.services import actions
from tests.calls.cast import fathom_call
from tests.support.world import World

pytestmark = pytest.mark.django_db
ITEMS = [
    "Send the offer",
    {"description": "Call Paul back", "at": 60, "assignee": {"name": "Ada"}},
    "Plan the kick-off",
]


@pytest.fixture
def world() -> World:
    return World()


def told_again(world: World, call: Call, items: list[Any], **more: Any) -> None:
    again = fathom_call(world, external_id=call.external_id, action_items=items, **more)
    assert again.pk == call.pk


def rows(call: Call) -> list[tuple[str, bool]]:
    return list(CallAction.objects.filter(call=call).values_list("text", "is_done"))


def test_items_become_rows_once(world: World):
    call = fathom_call(world, action_items=[*ITEMS, "Send the offer", {}, None, "  "])
    texts = ["Send the offer", "Call Paul back", "Plan the kick-off", "Send the offer"]
    assert [text for text, _done in rows(call)] == texts
    before = list(CallAction.objects.values_list("pk", flat=True))
    told_again(world, call, [*ITEMS, "Send the offer"], title="Renamed")
    assert list(CallAction.objects.values_list("pk", flat=True)) == before
    paul = CallAction.objects.get(text="Call Paul back")
    assert (paul.who, paul.at, paul.from_source) == ("Ada", 60.0, True)


def test_a_tick_a_person_and_a_day_survive_what_the_source_says_next(world: World):
    user, closer = world.users["CEO"], world.members["CLOSER"]
    call = fathom_call(world, action_items=ITEMS)
    offer, paul, plan = CallAction.objects.filter(call=call)
    actions.change(offer, actor=user, done=True)
    actions.change(paul, actor=user, assignee=closer, due_on=date(2026, 12, 1))
    # Another order, a word changed, spaces and case, a new item; the last is gone.
    told_again(world, call, ["Say thanks", "call  PAUL back tomorrow", "send the OFFER "])
    offer.refresh_from_db()
    paul.refresh_from_db()
    assert (offer.text, offer.is_done, offer.done_by) == ("send the OFFER", True, user)
    assert (paul.text, paul.assignee, paul.due_on) == (
        "call  PAUL back tomorrow",
        closer,
        date(2026, 12, 1),
    )
    assert not CallAction.objects.filter(pk=plan.pk).exists()
    assert [text for text, _done in rows(call)] == [
        "Say thanks",
        "call  PAUL back tomorrow",
        "send the OFFER",
    ]


def test_another_item_at_the_same_place_takes_no_tick_over(world: World):
    call = fathom_call(world, action_items=["Send the offer"])
    offer = CallAction.objects.get(call=call)
    actions.change(offer, actor=world.users["CEO"], done=True)
    told_again(world, call, ["Invite Grace to the workshop"])
    # What a person ticked stays, and what is new is open.
    assert sorted(rows(call)) == [("Invite Grace to the workshop", False), ("Send the offer", True)]


def test_a_tick_at_the_source_counts_until_a_person_decides(world: World):
    call = fathom_call(world, action_items=[{"description": "Send it", "completed": False}])
    told_again(world, call, [{"description": "Send it", "completed": True}])
    item = CallAction.objects.get(call=call)
    assert (item.is_done, item.done_by) == (True, None)
    actions.change(item, actor=world.users["CEO"], done=False)
    told_again(world, call, [{"description": "Send it", "completed": True}], title="Told again")
    item.refresh_from_db()
    assert not item.is_done


def test_what_was_added_by_hand_is_no_matter_of_the_source(world: World):
    call = fathom_call(world, action_items=ITEMS)
    added = actions.add(call, "Send the offer", actor=world.users["CEO"])
    told_again(world, call, [])
    assert list(CallAction.objects.filter(call=call)) == [added]


def test_items_go_in_by_batches_and_not_one_by_one(
    world: World, django_assert_max_num_queries: Any
):
    def call(number: int) -> Any:
        return {
            "organization_id": world.organization.pk, "source": "fathom",
            "external_id": f"n{number}", "title": "x", "action_items": ITEMS,
        }  # fmt: skip

    with django_assert_max_num_queries(16):
        list(library.store_calls([call(number) for number in range(50)]))
    assert CallAction.objects.count() == 150


def test_odd_lists_of_a_source_are_read_as_far_as_they_go():
    odd = [
        3,
        True,
        [],
        {"text": "Yes", "at": "x", "url": "javascript:1", "assignee": 5},
        {"description": ["x"]},
    ]
    found = action_items.read(odd)
    assert [(item.text, item.at, item.url, item.who) for item in found] == [
        ("3", None, "", ""),
        ("True", None, "", ""),
        ("Yes", None, "", "5"),
    ]

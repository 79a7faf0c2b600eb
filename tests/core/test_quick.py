"""Rows that are read quickly are the rows that Django reads."""

from typing import Any

import pytest
from django.db.models import Model
from django.db.models.signals import post_init

from calls.models import Call, CallParticipant, Transcript
from core.quick import attach, quickly
from crm.models import Organization
from fathom_sync.models import FathomAccount
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def call() -> Call:
    call = World().call
    CallParticipant.objects.create(call=call, display_name="Ada")
    return call


def facts(row: Model) -> dict[str, Any]:
    """Return what an instance knows, and of each instance that it points to the same."""
    state = row._state
    related = {name: other and facts(other) for name, other in state.fields_cache.items()}
    values = {name: value for name, value in vars(row).items() if name != "_state"}
    return {**values, "state": (state.adding, state.db), "related": related}


@pytest.mark.usefixtures("call")
def test_an_instance_knows_what_it_knows_in_djangos_way():
    everything = Call.objects.order_by("pk")
    names = ("title", "organization_id", "rep__team_id", "rep__name", "lead__name")
    few = everything.select_related("rep__team", "lead").only(*names)
    for rows in (
        everything,
        everything.select_related("rep", "lead"),
        few,
        everything.none(),
        everything[:1],
    ):
        assert [facts(row) for row in quickly(rows)] == [facts(row) for row in rows]
    assert [row.get_deferred_fields() for row in quickly(few)] == [
        row.get_deferred_fields() for row in few
    ]


def test_what_was_not_read_is_asked_for_and_a_change_is_saved(call: Call):
    found = quickly(Call.objects.only("title")).get(pk=call.pk)
    assert found.organization == call.organization
    found.title = "Another"
    found.save()
    assert Call.objects.get(pk=call.pk).title == "Another"


def test_a_prefetch_and_an_annotation_are_kept(call: Call, django_assert_num_queries: Any):
    rows = quickly(Call.objects.prefetch_related("participants").extra(select={"two": "1 + 1"}))
    with django_assert_num_queries(2):
        found = next(row for row in rows if row.pk == call.pk)
        assert "Ada" in {person.display_name for person in found.participants.all()}
    assert found.two == 2


def test_rows_of_a_manager_know_whose_they_are(call: Call, django_assert_num_queries: Any):
    organization = Organization.objects.get(pk=call.organization_id)
    with django_assert_num_queries(1):
        assert {row.organization.name for row in quickly(organization.calls.all())} == {
            organization.name
        }


def test_values_stay_values(call: Call):
    assert (
        quickly(Call.objects.filter(pk=call.pk).values_list("title", flat=True)).get() == call.title
    )


def test_columns_that_are_taken_apart_are_read_in_djangos_way():
    FathomAccount.objects.create(own_api_key="a-key-of-theirs")
    row = next(iter(quickly(FathomAccount.objects.all())))
    assert facts(row) == facts(FathomAccount.objects.get())
    assert row.own_api_key.reveal() == "a-key-of-theirs"


def test_who_wants_to_hear_of_instances_hears_of_them(call: Call):
    heard: list[Model] = []

    def hear(instance: Model, **_more: Any) -> None:
        heard.append(instance)

    post_init.connect(hear, sender=Call)
    try:
        found = list(quickly(Call.objects.filter(pk=call.pk)))
    finally:
        post_init.disconnect(hear, sender=Call)
    assert heard == found == [call]


def test_children_are_read_in_one_query_and_know_their_row(
    call: Call, django_assert_num_queries: Any
):
    calls = list(Call.objects.all())
    with django_assert_num_queries(1):
        attach(calls, CallParticipant.objects.all(), "call", "people")
        found = {row.pk: row.people for row in calls}
        assert all(person.call.pk == key for key, people in found.items() for person in people)
    assert found == {row.pk: list(row.participants.all()) for row in calls}


def test_of_no_rows_nothing_is_asked(django_assert_num_queries: Any):
    with django_assert_num_queries(0):
        attach([], Transcript.objects.all(), "call", "transcripts")

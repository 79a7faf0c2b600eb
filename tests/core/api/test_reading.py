"""Rows are read as a serializer's own loop reads them."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from rest_framework import serializers

from calls.models import Call
from calls.serializers import CallSerializer
from calls.views.library import shown
from core.api.fields import Id, Moment
from core.api.reading import rows_of
from core.api.renderers import dumps
from crm.models import SalesRep
from crm.serializers.records import RepSerializer
from tests.support.world import World

# ruff: noqa: N815

NOON = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)


class PartSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField(required=False)


class WholeSerializer(serializers.Serializer[Any]):
    id = Id()
    at = Moment(allow_null=True)
    isOpen = serializers.BooleanField(source="is_open")
    state = serializers.ChoiceField(choices=["open", "closed"])
    owner = serializers.CharField(source="part.name")
    part = PartSerializer(allow_null=True)
    parts = PartSerializer(many=True)
    itself = PartSerializer(source="*")
    password = serializers.CharField(write_only=True)
    words = serializers.SerializerMethodField()

    def get_words(self, row: Any) -> str:
        return f"{self.context['greeting']} {row.name}"


class OwnWaySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"other": instance.name}


def row(**changes: Any) -> SimpleNamespace:
    values = {
        "id": UUID(int=7),
        "at": NOON,
        "is_open": True,
        "state": "open",
        "name": "Row",
        "part": SimpleNamespace(name="Part", count=3),
        "parts": [{"name": "One", "count": 1}, SimpleNamespace(name="No count")],
    }
    return SimpleNamespace(**{**values, **changes})


def as_rest_framework(
    serializer: type[Any], rows: Any, context: dict[str, Any] | None = None
) -> bytes:
    return dumps(serializer(rows, many=True, context=context or {}).data)


def test_each_kind_of_field_reads_as_rest_framework_reads_it() -> None:
    rows = [row(), row(at=None, is_open=False, state="of an earlier release", parts=[])]
    context = {"greeting": "Hello"}

    assert dumps(rows_of(WholeSerializer, rows, context)) == as_rest_framework(
        WholeSerializer, rows, context
    )


def test_a_field_that_a_row_lacks_is_an_error_unless_it_may_be_missing() -> None:
    assert rows_of(PartSerializer, [{"name": "One"}]) == [{"name": "One"}]
    with pytest.raises(AttributeError, match="name"):
        rows_of(PartSerializer, [SimpleNamespace()])


def test_a_serializer_that_presents_rows_in_its_own_way_is_refused() -> None:
    class Around(serializers.Serializer[Any]):
        part = WholeSerializer()

    with pytest.raises(TypeError, match="OwnWaySerializer"):
        rows_of(OwnWaySerializer, [row()])
    with pytest.raises(TypeError, match="context"):
        rows_of(Around, [row()])


@pytest.mark.django_db
def test_calls_and_reps_read_as_rest_framework_reads_them() -> None:
    world = World()
    assert world.call
    calls = list(shown(Call.objects.all()))
    context = {"places": {}}

    assert dumps(rows_of(CallSerializer, calls, context)) == as_rest_framework(
        CallSerializer, calls, context
    )
    reps = list(SalesRep.objects.all())
    assert dumps(rows_of(RepSerializer, reps)) == as_rest_framework(RepSerializer, reps)

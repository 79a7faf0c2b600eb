"""Points in time from outside: as Python and PostgreSQL both hold them, or none."""

from datetime import UTC, datetime

import pytest
from rest_framework.exceptions import ValidationError

from core.api.fields import Edge, Moment
from core.words import moments
from integrations.providers.freeform import mapping

# Python takes this offset; PostgreSQL takes none of sixteen hours and more.
FAR = "2026-03-01T12:00:00+18:51"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T15:00:00+01:00", datetime(2026, 3, 1, 14, tzinfo=UTC)),
        (" 2026-03-01T15:00:00Z ", datetime(2026, 3, 1, 15, tzinfo=UTC)),
        ("2026-03-01T15:00:00", datetime(2026, 3, 1, 15, tzinfo=UTC)),
        (FAR, datetime(2026, 2, 28, 17, 9, tzinfo=UTC)),
        ("0001-01-01T00:00:00+05:00", None),
        ("9999-12-31T23:00:00-05:00", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-03-01T15:00:00" + "Z" * 40, None),
        ("", None),
        (5, None),
        (None, None),
    ],
)
def test_what_vendors_write_is_a_moment_in_utc_or_none(text, moment):
    found = moments.read(text)
    assert found == moment
    assert found is None or found.tzinfo is UTC


def test_without_a_zone_it_is_none_where_no_zone_is_given_for_it():
    assert moments.read("2026-03-01T15:00:00", None) is None
    assert moments.read("2026-03-01T15:00:00Z", None) == datetime(2026, 3, 1, 15, tzinfo=UTC)


def test_a_field_of_any_shape_is_a_moment_that_can_be_stored():
    assert mapping.moment(FAR) == datetime(2026, 2, 28, 17, 9, tzinfo=UTC)
    assert mapping.moment("0001-01-01T00:00:00+05:00") is None


@pytest.mark.parametrize("field", [Moment(), Edge(), Edge(is_end=True)])
@pytest.mark.parametrize("text", [FAR, "5911-01-24T12:13:05.771298-18:51", "0001-01-01T00:00Z"])
def test_the_api_refuses_an_offset_that_no_place_has(field, text):
    with pytest.raises(ValidationError):
        field.run_validation(text)


def test_an_edge_is_a_day_too():
    assert Edge().run_validation("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)
    assert Edge(is_end=True).run_validation("2026-03-01") == datetime(2026, 3, 2, tzinfo=UTC)
    for wrong in ("2026-13-01", "0001-01-01", "9999-12-31", 20260301):
        with pytest.raises(ValidationError):
            Edge().run_validation(wrong)

"""How long something rests after each failure, and when it was the last."""

from datetime import timedelta

import pytest

from core.outbox import Pauses

MINUTE = timedelta(minutes=1)
HOURS = [timedelta(hours=hours) for hours in (0.1, 0.25, 0.5, 1, 2, 5, 10, 18, 38)]


def test_pauses_grow_and_the_attempt_after_the_last_is_the_last() -> None:
    pauses = Pauses.growing(MINUTE, times=3, factor=4)

    assert [pauses.after(attempt) for attempt in range(1, 6)] == [
        MINUTE,
        4 * MINUTE,
        16 * MINUTE,
        None,
        None,
    ]
    assert pauses.attempts == 4


def test_a_table_of_ones_own_ten_attempts_over_three_days_spread_apart() -> None:
    pauses = Pauses(HOURS, spread=0.2)
    rests = [[pauses.after(attempt) or timedelta(0) for attempt in range(1, 11)] for _ in range(50)]

    assert pauses.attempts == 10
    assert all(rest[9] == timedelta(0) for rest in rests)
    for rest in rests:
        assert all(
            0.8 * whole <= pause <= 1.2 * whole for whole, pause in zip(HOURS, rest, strict=False)
        )
    assert len({rest[8] for rest in rests}) > 10


@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [
        (None, MINUTE),
        (0, MINUTE),
        (59, MINUTE),
        (90.5, timedelta(seconds=90.5)),
        (10**7, timedelta(days=1)),
    ],
)
def test_a_longer_retry_after_is_heeded_up_to_a_limit(
    retry_after: float | None, pause: timedelta
) -> None:
    assert Pauses([MINUTE], longest_asked=timedelta(days=1)).after(1, retry_after) == pause


def test_where_nothing_limits_it_retry_after_alone_decides_and_not_after_the_last_attempt() -> None:
    pauses = Pauses([MINUTE])

    assert pauses.after(1, 10**7) == timedelta(seconds=10**7)
    assert pauses.after(2, 10**7) is None
    assert Pauses([]).after(1) is None

"""How far the forecast is off, over sixty simulated days of workspaces
of the stand-in (benchmarks.bison_runway).
"""

from benchmarks import bison_runway


def test_over_sixty_days_the_forecast_is_off_by_no_more_than_is_published() -> None:
    found = list(bison_runway.misses(seeds=[7], slugs=["maverick"]))
    assert len(found) > 300
    by_ahead = {band.ahead: band for band in bison_runway.summary(found)}
    near, far = by_ahead["1 to 5"], by_ahead["6 to 10"]
    assert (near.median <= 1, near.tenth <= 3, near.worst <= 5) == (True, True, True)
    assert (far.median <= 1, far.tenth <= 3, far.worst <= 7) == (True, True, True)


def test_a_forecast_that_is_wrong_would_be_noticed() -> None:
    simulated = bison_runway.Simulated(7, "maverick", bison_runway.COMPANIES["maverick"][1])
    simulated.courses[0].waits = (20, 20, 20)
    early = simulated.forecast(0)
    simulated.courses[0].waits = (1,)
    assert early is not None
    assert simulated.forecast(0) != early

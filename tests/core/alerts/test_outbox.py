"""Who hears of what."""

import pytest

from core import incidents
from core.ids import uuid7
from core.models import AlertChannel, AlertDelivery

pytestmark = pytest.mark.django_db


def channel(name, **more):
    return AlertChannel.objects.create(
        name=name, kind="email", target=f"{name}@example.org", **more
    )


def announced():
    rows = AlertDelivery.objects.order_by("created_at").values_list("channel__name", "transition")
    return list(rows)


def see(ok=False, cause="c", **more):
    return incidents.observe(cause, ok=ok, title="Something", **more)


def test_only_transitions_are_told():
    channel("a")
    for ok in (False, False, True, True, False):
        see(ok)
    assert announced() == [("a", "opened"), ("a", "closed"), ("a", "opened")]


def test_a_channel_hears_from_its_severity_on():
    channel("all")
    channel("grave", minimum_severity="critical")
    see()
    assert announced() == [("all", "opened")]
    see(severity="critical")
    assert sorted(announced()) == [("all", "opened"), ("all", "worsened"), ("grave", "worsened")]


def test_the_end_is_told_to_those_who_heard_of_the_beginning():
    channel("early")
    see()
    channel("late")
    see(ok=True)
    assert announced() == [("early", "opened"), ("early", "closed")]


def test_an_organizations_channel_hears_of_its_own_alone():
    ours, theirs = uuid7(), uuid7()
    channel("house")
    channel("ours", organization_id=ours)
    channel("theirs", organization_id=theirs)
    see(cause="ours", organization_id=ours)
    see(cause="house")
    assert sorted(announced()) == [("house", "opened"), ("house", "opened"), ("ours", "opened")]


def test_a_channel_that_is_off_hears_nothing():
    channel("off", is_enabled=False)
    see()
    assert announced() == []


def test_a_channel_is_never_told_that_it_is_broken():
    broken, other = channel("broken"), channel("other")
    see(cause=f"alert_channel:{broken.pk}")
    assert announced() == [(other.name, "opened")]

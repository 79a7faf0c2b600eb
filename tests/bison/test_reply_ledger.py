"""The reply ledger: what no webhook brought is found, fetched and counted,
and its sums are exact.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from bison.ledger import checking
from bison.models import LedgerCheck, LedgerDay, Reply, Workspace
from core import runs
from core.models import InboundEvent, Incident, Run, SourceDay
from tests.bison import cast
from tests.bison.webhooks import at_vendor, delivered, switch_on, work_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]


@pytest.fixture
def maverick(transactional_db, bison_vendor, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    settings.ALLOW_PRIVATE_HOSTS = [
        *settings.ALLOW_PRIVATE_HOSTS,
        live_server.url.partition("://")[2],
    ]
    return cast.instance(bison_vendor)


@pytest.fixture
def aspen(maverick, bison_vendor):
    return cast.workspace(maverick, 3, bison_vendor)


def check(days=10):
    started = checking.start(days=days, trigger="test")
    runs.execute(started.run.pk)
    return Run.objects.get(pk=started.run.pk)


def truth(vendor, number=3, days=10):
    """By day, how many replies the stand-in lists as interested."""
    contents = vendor.vendor.instances["maverick"].workspaces[number].contents
    first = timezone.now().astimezone(UTC).date() - timedelta(days=days - 1)
    found = [
        datetime.fromisoformat(row["date_received"]).date()
        for row in contents.replies.all()
        if row["interested"]
    ]
    return Counter(day for day in found if day >= first)


def sums(workspace, *names):
    rows = LedgerDay.objects.filter(workspace=workspace)
    return tuple(sum(getattr(row, name) for row in rows) for name in names)


def test_a_workspace_of_which_nothing_is_in_koppel_is_healed_in_one_round(aspen, bison_vendor):
    # On some days the stand-in has had no interested reply for ten days.
    bison_vendor.act("reply", workspace=3, interested=True, count=2)
    expected = truth(bison_vendor)
    assert sum(expected.values()) >= 2
    run = check()
    assert run.state == "succeeded", run.error
    days = {row.day: row for row in LedgerDay.objects.filter(workspace=aspen)}
    assert len(days) == 10
    assert {
        day: row.interested_at_vendor for day, row in days.items() if row.interested_at_vendor
    } == dict(expected)
    for row in days.values():
        assert (row.interested_in_koppel, row.missing, row.healed) == (
            row.interested_at_vendor,
            0,
            row.interested_at_vendor,
        )
        assert row.deliveries_seen == 0
    assert run.evidence["ledger"] == {
        "at_vendor": sum(expected.values()),
        "here": sum(expected.values()),
        "missing": 0,
        "healed": sum(expected.values()),
        "events_at_vendor": sums(aspen, "events_at_vendor")[0],
        "deliveries_seen": 0,
    }
    assert set(Reply.objects.values_list("source", flat=True)) == {"healed"}
    # The webhook is off: nothing was to come, and nobody is told.
    assert not Incident.objects.filter(cause__startswith="bison_replies").exists()


def test_a_second_round_says_the_same_and_heals_nothing(aspen, bison_vendor):
    check()
    before = list(
        LedgerDay.objects.order_by("day").values("day", "healed", "missing", "interested_at_vendor")
    )
    run = check()
    assert run.evidence["ledger"]["healed"] == 0
    assert (
        list(
            LedgerDay.objects.order_by("day").values(
                "day", "healed", "missing", "interested_at_vendor"
            )
        )
        == before
    )
    assert [(row.healed, row.at_vendor) for row in SourceDay.objects.order_by("day")] == [
        (row["healed"], row["interested_at_vendor"])
        for row in before
        if row["interested_at_vendor"]
    ]


def test_of_a_tenth_of_the_deliveries_dropped_all_is_found_and_healed(aspen, bison_vendor):
    check()
    switch_on(aspen)
    aspen.refresh_from_db()
    earlier = sums(aspen, "healed", "interested_at_vendor")
    bison_vendor.turn(drop_deliveries=10, control_characters=0.0)
    made = bison_vendor.act("reply", workspace=3, interested=True, count=60)
    assert delivered(bison_vendor)
    work_all()
    came = {
        int(number)
        for number in Reply.objects.filter(source="webhook").values_list("vendor_id", flat=True)
    }
    lost = set(made) - came
    run = check(days=2)
    assert run.state == "succeeded", run.error
    assert {
        int(number)
        for number in Reply.objects.filter(is_interested=True).values_list("vendor_id", flat=True)
    } >= set(made)
    healed = {
        int(number)
        for number in Reply.objects.filter(source="healed").values_list("vendor_id", flat=True)
    }
    assert healed & set(made) == lost
    assert sums(aspen, "healed", "interested_at_vendor") == (
        earlier[0] + len(lost),
        earlier[1] + 60,
    )
    stored = InboundEvent.objects.filter(source="email-bison").count()
    assert sums(aspen, "deliveries_seen") == (stored,)
    assert sums(aspen, "missing") == (0,)


def test_what_a_deleted_webhook_did_not_bring_is_told_and_is_in_koppel(aspen, bison_vendor):
    check()
    switch_on(aspen)
    Workspace.objects.update(webhook_since=timezone.now() - timedelta(days=1))
    bison_vendor.act("delete_hook", workspace=3, hook=at_vendor(bison_vendor, aspen)[0]["id"])
    made = bison_vendor.act("reply", workspace=3, interested=True, count=88, seconds_ago=3600)
    run = check(days=2)
    assert run.evidence["workspaces"]["Aspen Labs"]["healed"] == 88
    incident = Incident.objects.get(cause="bison_replies:maverick")
    assert incident.title == "Interested replies of Aspen Labs never arrived: 88. All are here now."
    assert incident.facts["workspaces"] == {"Aspen Labs": 88}
    assert (
        Reply.objects.filter(
            vendor_id__in=[str(number) for number in made], is_interested=True
        ).count()
        == 88
    )
    assert sums(aspen, "undelivered", "missing") == (88, 0)


def test_a_reply_whose_interest_alone_was_lost_is_healed(aspen, bison_vendor):
    check()
    [number] = bison_vendor.act("reply", workspace=3, count=1, quiet=True)
    check(days=2)
    assert not Reply.objects.get(vendor_id=str(number)).is_interested
    bison_vendor.act("mark", workspace=3, reply=number, interested=True, quiet=True)
    run = check(days=2)
    assert Reply.objects.get(vendor_id=str(number)).is_interested
    assert run.evidence["ledger"]["healed"] == 1


def test_raw_control_characters_in_the_lists_lose_nothing(aspen, bison_vendor):
    bison_vendor.turn(control_characters=1.0)
    expected = truth(bison_vendor)
    assert check().state == "succeeded"
    assert sums(aspen, "interested_in_koppel", "missing") == (sum(expected.values()), 0)


def test_with_a_shared_key_that_people_move_each_workspace_has_its_own(maverick, bison_vendor):
    workspaces = [cast.workspace(maverick, number) for number in (5, 9, 13)]
    bison_vendor.turn(person_every=17)
    run = check()
    bison_vendor.turn(person_every=0)
    assert run.state == "succeeded", run.evidence
    for each in workspaces:
        expected = truth(bison_vendor, each.bison_workspace_id)
        assert (
            sums(each, "interested_at_vendor", "interested_in_koppel")
            == (sum(expected.values()),) * 2
        )
        numbers = bison_vendor.act("facts", workspace=each.bison_workspace_id)["replies"]
        assert {int(number) for number in each.replies.values_list("vendor_id", flat=True)} <= set(
            numbers
        )


def test_a_check_that_fails_is_told_beside_the_last_proof(aspen, bison_vendor):
    check()
    proved = list(LedgerDay.objects.order_by("day").values())
    bison_vendor.fault("error", "maverick", "/events", status=500)
    run = check()
    assert run.state == "incomplete"
    assert run.evidence["workspaces"]["Aspen Labs"]["state"] == "failed"
    found = LedgerCheck.objects.get()
    assert found.failing_since is not None
    assert found.checked_at is not None
    assert found.why
    assert list(LedgerDay.objects.order_by("day").values()) == proved
    bison_vendor.sandbox.heal()
    assert check().state == "succeeded"
    found.refresh_from_db()
    assert (found.failing_since, found.why) == (None, "")


def test_a_workspace_that_must_have_its_own_key_is_refused_and_the_others_are_checked(
    maverick, aspen, bison_vendor
):
    cast.workspace(maverick, 5, requires_workspace_key=True)
    run = check(days=2)
    states = {name: found["state"] for name, found in run.evidence["workspaces"].items()}
    assert states == {"Aspen Labs": "complete", "SEQUOIA GRID": "refused"}
    assert run.state == "incomplete"

"""Campaigns and replies, of which the interested are leads of the workspace's organization."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bison.models import Campaign, DailyFigures, Reply
from core.models import Run
from crm.models import Lead, Organization
from tests.bison import cast
from tests.bison.finished import evidence, result, sync

pytestmark = pytest.mark.django_db(transaction=True)
State = Run.State
ASPEN, COBALT = 3, 6


@pytest.fixture
def maverick(bison_vendor):
    return cast.instance(bison_vendor)


@pytest.fixture
def cobalt(maverick, bison_vendor):
    northwind = Organization.objects.create(name="Northwind")
    return cast.workspace(maverick, COBALT, bison_vendor, organization=northwind)


def contents(bison_vendor, workspace):
    found = bison_vendor.vendor.instances[workspace.instance.slug].workspaces[
        workspace.bison_workspace_id
    ]
    return found.contents


def test_interested_replies_are_leads_and_the_campaigns_are_kept(cobalt, bison_vendor):
    run = sync("pipeline")
    assert run.state == State.SUCCEEDED, run.evidence
    found = contents(bison_vendor, cobalt)
    interested = {str(row["id"]) for row in found.replies.all() if row["interested"]}
    assert set(Reply.objects.values_list("vendor_id", flat=True)) == interested
    campaigns = {str(row["id"]) for row in found.campaigns.all()}
    assert set(Campaign.objects.values_list("vendor_id", flat=True)) == campaigns
    total = len(interested) + len(campaigns)
    assert evidence(run, cobalt) == {"at_vendor": total, "here": total, "state": "complete"}
    assert Lead.objects.filter(organization=cobalt.organization).count() == len(interested) > 0
    assert run.outcomes["leads_new"] == len(interested)


def test_again_it_makes_no_lead_twice(cobalt):
    sync("pipeline")
    before = Lead.objects.count()
    run = sync("pipeline")
    assert run.state == State.SUCCEEDED
    assert Lead.objects.count() == before
    assert "leads_new" not in run.outcomes


def test_a_filter_that_is_passed_over_makes_no_lead_of_what_is_not_interested(
    cobalt, bison_vendor, monkeypatch
):
    """Of the stand-in: it lists all replies whatever is asked for."""
    from sandbox.vendors.email_bison.answers import replies as answers

    monkeypatch.setattr(answers.filters, "of_reply", lambda _request: [])
    run = sync("pipeline")
    assert run.state == State.SUCCEEDED
    rows = contents(bison_vendor, cobalt).replies.all()
    assert Reply.objects.count() == len(rows)
    assert Lead.objects.count() == sum(row["interested"] for row in rows)


def test_without_an_organization_there_are_no_leads_and_it_says_why(maverick, bison_vendor):
    aspen = cast.workspace(maverick, ASPEN, bison_vendor)
    run = sync("pipeline")
    assert run.state == State.SUCCEEDED
    assert (
        run.outcomes["left_out_no_organization"]
        == Reply.objects.filter(workspace=aspen).count()
        > 0
    )
    assert not Lead.objects.exists()
    assert set(Reply.objects.values_list("no_lead_reason", flat=True)) == {"no_organization"}


def test_of_a_span_all_replies_are_kept_and_the_others_left_out(cobalt, bison_vendor):
    last = datetime.now(UTC).date() - timedelta(days=10)
    first = last - timedelta(days=20)
    run = sync("pipeline", first=first, last=last)
    assert run.state == State.SUCCEEDED, run.evidence
    rows = contents(bison_vendor, cobalt).replies.all()
    within = {
        str(row["id"])
        for row in rows
        if first <= date.fromisoformat(row["date_received"][:10]) <= last
    }
    assert set(Reply.objects.values_list("vendor_id", flat=True)) == within
    assert 0 < len(within) < len(rows)
    outside = len(rows) - len(within)
    assert run.evidence["ledger"]["outside_span"] == outside
    assert result(run, cobalt).counts["left_out"] == {"outside_span": outside}


def test_raw_control_characters_in_replies_are_read(cobalt, bison_vendor):
    bison_vendor.turn(control_characters=1.0)
    run = sync("pipeline")
    assert run.state == State.SUCCEEDED, run.evidence
    reply = Reply.objects.first()
    assert "Sent from a scanner" in reply.text
    assert "\x00" not in reply.text


def test_with_a_shared_key_while_a_person_switches(maverick, bison_vendor):
    found = [cast.workspace(maverick, number) for number in (ASPEN, COBALT)]
    bison_vendor.turn(person_every=11)
    run = sync("pipeline")
    bison_vendor.turn(person_every=0)
    assert run.state == State.SUCCEEDED, run.evidence
    for workspace in found:
        ids = {
            str(row["id"])
            for row in contents(bison_vendor, workspace).replies.all()
            if row["interested"]
        }
        assert (
            set(Reply.objects.filter(workspace=workspace).values_list("vendor_id", flat=True))
            == ids
        )
        campaigns = {str(row["id"]) for row in contents(bison_vendor, workspace).campaigns.all()}
        assert (
            set(Campaign.objects.filter(workspace=workspace).values_list("vendor_id", flat=True))
            == campaigns
        )


def chart(bison_vendor, workspace, first, last):
    query = [("start_date", first), ("end_date", last)]
    key = bison_vendor.key(workspace.bison_workspace_id)
    _status, body = bison_vendor.ask("/workspaces/v1.1/line-area-chart-stats", key, query=query)
    return {line["label"]: dict(line["dates"]) for line in body["data"]}


def test_analytics_are_the_vendors_figures_of_each_day(cobalt, bison_vendor):
    last = datetime.now(UTC).date() - timedelta(days=1)
    first = last - timedelta(days=44)
    run = sync("analytics", first=first, last=last)
    assert evidence(run, cobalt) == {"at_vendor": 45, "here": 45, "state": "complete"}
    assert run.state == State.SUCCEEDED
    lines = chart(bison_vendor, cobalt, first, last)
    for day in DailyFigures.objects.all():
        text = day.day.isoformat()
        assert (day.sent, day.replied, day.interested) == tuple(
            lines[label][text] for label in ("Sent", "Replied", "Interested")
        )
        assert (day.opened, day.bounced, day.unsubscribed) == tuple(
            lines[label][text] for label in ("Total Opens", "Bounced", "Unsubscribed")
        )
    assert DailyFigures.objects.filter(sent__gt=0).exists()


def test_volume_is_what_was_sent_beside_what_the_connected_may_send(cobalt, bison_vendor):
    run = sync("volume")
    assert run.state == State.SUCCEEDED, run.evidence
    accounts = contents(bison_vendor, cobalt).accounts.all()
    capacity = sum(row["daily_limit"] for row in accounts if row["status"] == "Connected")
    today = datetime.now(UTC).date()
    assert dict(DailyFigures.objects.values_list("day", "capacity")) == {
        today: capacity,
        today - timedelta(days=1): None,
    }


def test_a_backfill_does_every_part_month_by_month(cobalt, bison_vendor):
    run = sync("backfill", first=date(2026, 8, 20), last=date(2026, 10, 5))
    assert run.state == State.SUCCEEDED, run.evidence
    assert set(evidence(run, cobalt)["parts"]) == {
        "email_accounts",
        "pipeline",
        *(
            f"{kind} 2026-{month}"
            for kind in ("analytics", "volume")
            for month in ("08", "09", "10")
        ),
    }
    assert DailyFigures.objects.count() == 47
    assert (run.progress_done, run.progress_total) == (8, 8)

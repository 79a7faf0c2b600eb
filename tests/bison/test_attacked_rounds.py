"""What is odd in one client's workspace, by chance or by intent,
keeps no other client from its proof.
"""

import time
from datetime import date

import pytest
from django.utils import timezone

from bison import suppression
from bison.client import Odd, client_of, who_am_i
from bison.ledger import comparing, keeping
from bison.models import Instance, Reply, Runway, WorkspaceResult
from bison.runway import computing
from bison.runway.forecasting import Campaign, forecast
from bison.syncs import replies
from core import runs
from core.http import CallContext
from core.masking import Secret
from core.models import Run
from crm.models import Lead, Organization
from tests.bison import cast
from tests.bison.finished import sync

pytestmark = pytest.mark.usefixtures("no_calls_stay")
ASPEN, COBALT = 3, 6
# A web page of so many beginnings within each other is what a parser gives up at.
HOSTILE = "<" * 60 + "x>" * 60


@pytest.fixture
def aspen(db, bison_vendor):
    return cast.workspace(cast.instance(bison_vendor), ASPEN, bison_vendor)


@pytest.fixture
def cobalt(aspen, bison_vendor):
    return cast.workspace(aspen.instance, COBALT, bison_vendor)


def contents(bison_vendor, number=ASPEN):
    return bison_vendor.vendor.instances["maverick"].workspaces[number].contents


def worked(started) -> Run:
    runs.execute(started.run.pk)
    return Run.objects.get(pk=started.run.pk)


def states(run) -> dict[str, str]:
    found = WorkspaceResult.objects.filter(run=run).select_related("workspace")
    return {each.workspace.workspace_name: each.state for each in found}


@pytest.mark.django_db(transaction=True)
def test_a_mailbox_of_a_boundless_limit_costs_no_client_its_runway(aspen, cobalt, bison_vendor):
    for row in contents(bison_vendor).accounts.all():
        row["daily_limit"] = 2**31 - 1
    run = worked(computing.start(trigger="test"))
    assert states(run) == {"Aspen Labs": "complete", "Cobalt Dental": "complete"}
    assert Runway.objects.get(workspace=aspen).sends_per_day <= 2**31 - 1


@pytest.mark.django_db(transaction=True)
def test_two_domains_that_are_alike_for_as_long_as_one_is_kept_are_one(aspen, cobalt, bison_vendor):
    first, second = contents(bison_vendor).accounts.all()[:2]
    first["email"], second["email"] = (f"me@{'x' * 260}{ending}" for ending in ("a", "b"))
    assert states(worked(computing.start(trigger="test"))) == {
        "Aspen Labs": "complete",
        "Cobalt Dental": "complete",
    }


def test_a_sequence_that_waits_for_ages_takes_no_longer_to_forecast():
    began = time.monotonic()
    made = forecast(
        [Campaign(0, in_sequence=[90], waits=[5_000_000])], lambda _day: 100, date(2026, 11, 30)
    )
    assert time.monotonic() - began < 1
    assert made.dry_on is None
    assert made.days[0].left == 90


@pytest.mark.django_db(transaction=True)
def test_a_page_that_a_stranger_answers_with_keeps_no_other_reply_out(aspen, bison_vendor):
    aspen.organization = Organization.objects.create(name="Northwind")
    aspen.save()
    hostile = next(row for row in contents(bison_vendor).replies.all() if row["interested"])
    hostile |= {"text_body": None, "html_body": HOSTILE}
    run = sync("pipeline")
    assert run.state == "succeeded"
    assert Reply.objects.get(vendor_id=str(hostile["id"])).text == HOSTILE


def test_an_address_that_is_too_long_to_be_a_leads_keeps_no_other_lead_out(aspen):
    aspen.organization = Organization.objects.create(name="Northwind")
    aspen.save()
    asked = [
        ("1", "a" * 60 + "ﬃ" * 70 + "@x.example"),
        ("2", f"  good@y.example{' ' * 290}"),
        ("3", "ok@z.example"),
    ]
    incoming = [
        replies.read(
            {"id": number, "interested": True, "from_email_address": address, "lead_id": number},
            aspen.created_at,
        )
        for number, address in asked
    ]
    replies.store(aspen, incoming, source=Reply.Source.SYNC, as_of=aspen.created_at)
    assert Reply.objects.count() == 3
    assert set(Lead.objects.values_list("email", flat=True)) >= {"good@y.example", "ok@z.example"}


def test_a_host_that_calls_itself_by_a_boundless_name_stops_no_check_of_replies(aspen):
    today = timezone.now().date()
    walk = comparing.Walk(
        today, today, timezone.now(), calls_itself={"x" * 400, "send.example.com/api"}
    )
    keeping.keep(aspen, walk)
    assert Instance.objects.get().known_as == ["send.example.com/api"]


@pytest.mark.django_db(transaction=True)
def test_a_lead_with_no_date_keeps_no_other_workspace_from_the_check(aspen, cobalt, bison_vendor):
    lead = contents(bison_vendor).leads.all()[0]
    worked(suppression.suppress(lead["email"], actor="test", trigger="test").started)
    lead |= {"status": "verified", "created_at": "2026-02-30T10:00:00"}
    run = worked(suppression.start_check(trigger="test"))
    assert states(run) == {"Aspen Labs": "complete", "Cobalt Dental": "complete"}
    assert run.counts["repaired"] == 1


@pytest.mark.django_db(transaction=True)
def test_what_nobody_thought_of_in_one_workspace_is_its_own_failure(aspen, cobalt, bison_vendor):
    for row in contents(bison_vendor).emails.all():
        row["email"] = ["not", "a", "text"]
    lead = contents(bison_vendor).leads.all()[0]
    lead["status"] = {"odd": 1}
    run = worked(
        suppression.suppress("someone@elsewhere.example", actor="test", trigger="test").started
    )
    assert states(run)["Cobalt Dental"] == "complete"


@pytest.mark.parametrize("number", [True, 1.0, "1", None])
def test_a_workspace_whose_number_is_none_is_nobodys(aspen, bison_vendor, number):
    host = bison_vendor.vendor.instances["maverick"]
    original = host.user_json
    host.user_json = lambda token: {**original(token), "team": {"id": number, "name": "First"}}
    client = client_of(bison_vendor.url(), Secret(bison_vendor.admin()), CallContext())
    with pytest.raises(Odd):
        who_am_i(client)

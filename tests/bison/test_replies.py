"""Replies are kept once, however they come to be known, and an interested one is a lead once."""

import threading
from datetime import date

import pytest
from django.db import connections
from django.utils import timezone

from bison.ledger import walking
from bison.models import Reply
from bison.syncs import replies
from crm.models import Lead, Organization
from tests.bison import cast

Source = Reply.Source


@pytest.fixture
def aspen(db, bison_vendor, no_calls_stay):
    northwind = Organization.objects.create(name="Northwind")
    return cast.workspace(cast.instance(bison_vendor), 3, organization=northwind)


def listed(**changes):
    """A reply as the API lists it."""
    return {
        "id": 45, "uuid": "9f7a", "folder": "Inbox", "subject": "Re: Hello", "interested": True,
        "automated_reply": False, "html_body": "<div>Yes</div>", "text_body": "Yes",
        "date_received": "2026-11-20T10:00:00.000000Z", "campaign_id": 301, "lead_id": 7,
        "from_name": "Ilse Berg", "from_email_address": "Ilse.Berg@elmoptics.example", **changes,
    }  # fmt: skip


def in_webhook(**changes):
    """The same as a webhook tells it."""
    reply = listed(**changes)
    del reply["subject"], reply["campaign_id"], reply["lead_id"]
    return {
        "lead": {
            "id": 7,
            "email": "ilse.berg@elmoptics.example",
            "first_name": "Ilse",
            "company": "Elm Optics",
        },
        "campaign": {"id": 301, "name": "Founders"},
        "reply": {**reply, "email_subject": "Re: Hello"},
    }


def test_an_interested_reply_is_a_lead_of_the_workspaces_organization(aspen):
    done = replies.store_reply(aspen, in_webhook(), source=Source.WEBHOOK)
    assert done.outcomes == {"replies_new": 1, "leads_new": 1}
    lead = Lead.objects.get()
    assert (lead.name, lead.email, lead.company) == (
        "Ilse Berg",
        "Ilse.Berg@elmoptics.example",
        "Elm Optics",
    )
    assert lead.organization == aspen.organization
    assert lead.external_ids == {"email_bison": "maverick/7"}
    reply = Reply.objects.get()
    assert (reply.lead, reply.vendor_campaign_id, reply.subject) == (lead, "301", "Re: Hello")


@pytest.mark.parametrize("first", [Source.WEBHOOK, Source.SYNC])
def test_the_same_reply_again_changes_nothing(aspen, first):
    for source in (first, Source.WEBHOOK, Source.SYNC, Source.HEALED):
        payload = in_webhook() if source == Source.WEBHOOK else listed()
        replies.store_reply(aspen, payload, source=source)
    assert Reply.objects.get().source == first
    assert Lead.objects.count() == 1


def test_another_reply_of_the_same_person_is_the_same_lead(aspen):
    replies.store_reply(aspen, listed(), source=Source.SYNC)
    done = replies.store_reply(
        aspen, listed(id=46, from_email_address="ilse@home.example"), source=Source.SYNC
    )
    assert done.outcomes == {"replies_new": 1, "leads_known": 1}
    assert Lead.objects.count() == 1


def test_a_lead_that_the_crm_has_already_is_not_doubled(aspen):
    lead = Lead.objects.create(
        organization=aspen.organization, name="I. Berg", email="ilse.berg@elmoptics.example",
        email_normalized="ilse.berg@elmoptics.example",
    )  # fmt: skip
    replies.store_reply(aspen, listed(), source=Source.SYNC)
    assert Reply.objects.get().lead == lead
    assert Lead.objects.get().name == "I. Berg"


def test_a_lead_that_a_person_deleted_is_not_made_again(aspen):
    replies.store_reply(aspen, listed(), source=Source.SYNC)
    Lead.objects.get().delete()
    for _again in range(2):
        done = replies.store_reply(aspen, listed(), source=Source.SYNC)
        assert done.outcomes == {"replies_known": 1, "left_out_deleted": 1}
    assert not Lead.objects.exists()
    assert Reply.objects.get().no_lead_reason == "deleted"


def test_without_an_organization_it_waits_for_one(aspen):
    northwind = aspen.organization
    aspen.organization = None
    done = replies.store_reply(aspen, listed(), source=Source.SYNC)
    assert done.outcomes == {"replies_new": 1, "left_out_no_organization": 1}
    aspen.organization = northwind
    done = replies.store_reply(aspen, listed(), source=Source.SYNC)
    assert done.outcomes == {"replies_known": 1, "leads_new": 1}
    assert Reply.objects.get().no_lead_reason == ""


def test_what_has_no_usable_address_is_left_out_with_its_reason(aspen):
    replies.store_reply(aspen, listed(from_email_address="undisclosed"), source=Source.SYNC)
    assert Reply.objects.get().no_lead_reason == "no_address"
    assert not Lead.objects.exists()


def test_a_late_webhook_takes_nothing_back(aspen):
    replies.store_reply(aspen, listed(), source=Source.SYNC)
    replies.store_reply(aspen, in_webhook(interested=False, text_body="Old"), source=Source.WEBHOOK)
    reply = Reply.objects.get()
    assert (reply.is_interested, reply.text) == (True, "Yes")


def test_what_is_interested_later_becomes_a_lead_then(aspen):
    replies.store_reply(aspen, in_webhook(interested=False), source=Source.WEBHOOK)
    assert not Lead.objects.exists()
    replies.store_reply(aspen, in_webhook(interested=None), source=Source.WEBHOOK, interested=True)
    assert Lead.objects.count() == 1


def test_an_older_list_changes_nothing(aspen):
    before = timezone.now()
    replies.store_reply(aspen, listed(), source=Source.SYNC)
    replies.store_reply(
        aspen, listed(interested=False, subject="Old"), source=Source.SYNC, as_of=before
    )
    assert (Reply.objects.get().is_interested, Reply.objects.get().subject) == (True, "Re: Hello")


@pytest.mark.parametrize(
    "payload", [None, [], {}, {"id": None}, {"id": True}, {"id": -1}, {"reply": {"id": "x"}}]
)
def test_what_is_no_reply_is_left_out(aspen, payload):
    assert replies.store_reply(aspen, payload, source=Source.WEBHOOK).outcomes == {
        "left_out_no_id": 1
    }
    assert not Reply.objects.exists()


def test_what_we_sent_is_no_reply(aspen):
    replies.store_reply(aspen, listed(folder="Sent"), source=Source.SYNC)
    assert not Reply.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_that_bring_one_person_at_once_make_one_lead(bison_vendor, no_calls_stay):
    northwind = Organization.objects.create(name="Northwind")
    aspen = cast.workspace(cast.instance(bison_vendor), 3, organization=northwind)

    def bring(number):
        try:
            replies.store_reply(aspen, listed(id=number % 3 + 1), source=Source.WEBHOOK)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=bring, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Reply.objects.count() == 3
    assert Lead.objects.count() == 1
    assert set(Reply.objects.values_list("lead_id", flat=True)) == {Lead.objects.get().pk}


def test_a_reply_of_which_only_the_storing_has_a_time_is_of_that_day():
    stored = {
        "id": 1,
        "date_received": None,
        "created_at": "2026-11-29T10:00:00.000000Z",
        "interested": True,
    }
    days = walking._Until(date(2026, 11, 29), replies.moment_of)
    assert days.is_within(stored)
    assert replies.read(stored, timezone.now()).received_at == replies.moment_of(stored)
    assert not days.is_within({**stored, "created_at": "2026-11-28T23:59:59.000000Z"})
    assert not days.is_within({**stored, "created_at": None})

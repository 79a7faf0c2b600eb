"""Contacts of Chatwoot both ways: read fifteen at a time, and written without a second
contact of one address.
"""

from dataclasses import replace

import pytest

from core import vendors
from core.errors import Misconfigured, Temporary
from crm.models import Contact
from integrations.contacts.speaking import ContactWrite
from integrations.providers.base import context_of
from integrations.providers.chatwoot.client import client_of
from integrations.providers.chatwoot.contacts import CONTACTS, find
from tests.integrations.chatwoot_cast import chatwoot, connected, facts
from tests.integrations.conftest import API
from tests.integrations.contact_cast import contact, numbers, synced

__all__ = ["chatwoot"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def integration(boss, chatwoot):
    return connected(boss, chatwoot)


def at(integration, **changes):
    values = vendors.current(integration.account)
    context = replace(context_of(integration.account, "contacts"), **changes)
    return client_of(integration.account, values, context), values


def upsert(integration, *writes):
    return CONTACTS.upsert(*at(integration), writes)


def write(email, key="k1", vendor_id=None, **fields):
    return ContactWrite(key, vendor_id, email, {"email": email, **fields})


def listed(chatwoot, email):
    return [
        row for row in facts(chatwoot)["contacts"] if (row["email"] or "").lower() == email.lower()
    ]


def test_pages_of_fifteen_are_read_to_the_end(integration):
    cursor, found = None, []
    for _page in range(4):
        page = CONTACTS.fetch(*at(integration), None, cursor)
        found += page.records
        assert page.total == 40
        assert len(page.records) <= 15
        cursor = page.cursor
        if cursor is None:
            break
    assert len({record.id for record in found}) == len(found) == 40
    assert CONTACTS.count(*at(integration)) == 40
    assert found[0].fields["company_name"]


@pytest.mark.parametrize("count", [0, 15, 30])
def test_a_list_that_ends_with_a_page_ends(integration, chatwoot, count):
    for row in facts(chatwoot)["contacts"][count:]:
        chatwoot.act("chatwoot", "remove_contact", contact=row["id"])
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = CONTACTS.fetch(*at(integration), None, cursor)
        cursor, pages = page.cursor, pages + 1
    assert pages == max(1, count // 15)


def test_both_sides_come_to_have_the_same(integration, chatwoot, northwind):
    contact(
        northwind, "Ada Lovelace", "ada@x.example", phone="+32 470 12 34 56", company="Analytical"
    )
    run = synced(integration)
    assert (run.state, run.why) == ("succeeded", "")
    assert numbers(run) == {"pulled": 40, "created": 40, "pushed": 1}
    [row] = listed(chatwoot, "ada@x.example")
    assert (row["name"], row["phone_number"]) == ("Ada Lovelace", "+32470123456")
    assert row["additional_attributes"]["company_name"] == "Analytical"
    assert Contact.objects.count() == 41
    again = synced(integration, is_full=True)
    assert numbers(again) == {"pulled": 41, "unchanged": 41}
    assert len(facts(chatwoot)["contacts"]) == 41


def test_who_is_on_both_sides_is_not_made_twice(integration, chatwoot, northwind):
    known = facts(chatwoot)["contacts"][0]
    contact(northwind, known["name"], known["email"].upper().lower())
    synced(integration)
    assert len(facts(chatwoot)["contacts"]) == 40
    assert Contact.objects.count() == 40


def test_an_address_that_is_part_of_anothers_is_not_taken_for_it(integration, chatwoot):
    for name in ("joann", "xann", "ann"):
        chatwoot.act("chatwoot", "write_contact", called=name, email=f"{name}@x.example")
    client, values = at(integration)
    [ann] = listed(chatwoot, "ann@x.example")
    assert find(client, values, "Ann@X.example") == ann["id"]
    assert find(client, values, "nn@x.example") is None
    assert find(client, values, "  ") is None
    [done] = upsert(integration, write("ANN@x.example", name="Ann B"))
    assert (done.outcome, done.vendor_id) == ("updated", str(ann["id"]))
    assert len(listed(chatwoot, "ann@x.example")) == 1


def test_an_address_is_found_on_a_later_page(integration, chatwoot):
    for number in range(31):
        chatwoot.act(
            "chatwoot", "write_contact", called=f"Z{number}", email=f"a{number}n@x.example.com"
        )
    chatwoot.act("chatwoot", "write_contact", called="zz", email="n@x.example.com")
    assert find(*at(integration), "n@x.example.com") == listed(chatwoot, "n@x.example.com")[0]["id"]


def test_a_write_whose_answer_is_lost_makes_no_second(integration, chatwoot):
    chatwoot.turn("chatwoot", loses_answer=1)
    [done] = upsert(integration, write("lost@x.example", name="Lost"))
    assert (done.outcome, len(listed(chatwoot, "lost@x.example"))) == ("created", 1)


def test_a_write_that_was_not_done_is_told_apart(integration, chatwoot):
    chatwoot.turn("chatwoot", fails_write=1)
    with pytest.raises(Temporary):
        upsert(integration, write("never@x.example", name="Never"))
    assert listed(chatwoot, "never@x.example") == []


def test_who_was_made_by_another_meanwhile_is_changed(integration, chatwoot):
    chatwoot.act("chatwoot", "write_contact", called="First", email="taken@x.example")
    [done] = upsert(integration, write("taken@x.example", name="Second"))
    assert (done.outcome, listed(chatwoot, "taken@x.example")[0]["name"]) == ("updated", "Second")


def test_who_was_deleted_there_is_found_by_the_address_or_made_again(integration, chatwoot):
    [done] = upsert(integration, write("gone@x.example", name="Gone"))
    chatwoot.act("chatwoot", "remove_contact", contact=int(done.vendor_id))
    [again] = upsert(integration, write("gone@x.example", vendor_id=done.vendor_id, name="Gone"))
    assert (again.outcome, again.vendor_id != done.vendor_id) == ("created", True)
    assert len(listed(chatwoot, "gone@x.example")) == 1


@pytest.mark.parametrize(
    ("phone", "outcome"),
    [("+32 (0)470-12.34.56", "created"), ("0032470123456", "created"), ("0470 12 34 56", "failed")],
)
def test_only_international_numbers_are_sent(integration, chatwoot, phone, outcome):
    [done] = upsert(integration, write("phone@x.example", name="P", phone_number=phone))
    assert done.outcome == outcome
    if outcome == "failed":
        assert "international" in str(done.error)
        assert listed(chatwoot, "phone@x.example") == []


def test_what_is_refused_is_that_contacts_alone(integration, chatwoot):
    taken = facts(chatwoot)["contacts"][0]["phone_number"]
    bad, good = upsert(
        integration,
        write("second@x.example", "k1", name="Second", phone_number=taken),
        write("third@x.example", "k2", name="Third"),
    )
    assert (bad.outcome, good.outcome) == ("failed", "created")
    assert bad.error


def test_attributes_that_koppel_does_not_know_stay(integration, chatwoot):
    number = chatwoot.act(
        "chatwoot", "write_contact", called="A", email="attr@x.example",
        custom_attributes={"plan": "gold"}, additional_attributes={"city": "Gent"},
    )  # fmt: skip
    upsert(
        integration, write("attr@x.example", vendor_id=str(number), name="A", company_name="New")
    )
    [row] = listed(chatwoot, "attr@x.example")
    assert row["custom_attributes"] == {"plan": "gold"}
    assert row["additional_attributes"] == {"city": "Gent", "company_name": "New"}


def test_who_switched_it_off_has_nothing_read_or_written(boss, integration, chatwoot):
    body = {"configuration": {"features": {"syncContacts": False}}, "insist": True}
    boss.patch(f"{API}/{integration.pk}", body)
    integration.account.refresh_from_db()
    chatwoot.forget()
    with pytest.raises(Misconfigured):
        CONTACTS.fetch(*at(integration), None, None)
    with pytest.raises(Misconfigured):
        upsert(integration, write("x@x.example"))
    assert not chatwoot.journal("chatwoot", "/api/v1/accounts")

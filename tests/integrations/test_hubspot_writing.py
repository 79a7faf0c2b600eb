"""Contacts written to HubSpot: made, changed, never a second of one address,
and each refusal by its name.
"""

import json

import pytest

from core.errors import BadCredentials, Rejected, Temporary
from core.http import Limits
from integrations.providers.hubspot import client, writing
from integrations.providers.hubspot.answers import BAD_ADDRESS, NEEDED, NO_PROPERTY, NOT_SAID, TAKEN
from tests.integrations.crm_cast import Asked, write
from tests.integrations.hubspot_cast import READING_ONLY, TOKEN, hubspot

pytestmark = pytest.mark.django_db

__all__ = ["hubspot"]
BATCH = "/crm/objects/2026-09/contacts/batch"


@pytest.fixture
def asked(closer, hubspot) -> Asked:
    return Asked(hubspot.connected(closer))


def find(hubspot, email):
    return hubspot.act("find", email=email)


def outcomes(written):
    return [(each.key, each.outcome) for each in written]


def test_whom_nobody_knows_is_made_and_whose_address_is_known_is_changed(hubspot, asked):
    known = find(hubspot, "contact1@1.example.com")[0]
    written = asked.write(
        write("a", "new@example.com", firstname="New"),
        write("b", "Contact1@1.Example.com", firstname="Anna"),
    )
    assert outcomes(written) == [("a", "created"), ("b", "updated")]
    assert written[1].vendor_id == known["id"]
    (new,), (changed,) = find(hubspot, "new@example.com"), find(hubspot, "contact1@1.example.com")
    assert (new["id"], new["properties"]["firstname"]) == (written[0].vendor_id, "New")
    assert changed["properties"]["firstname"] == "Anna"
    # An upsert by address empties what it does not name: so it is none.
    assert changed["properties"]["company"] == known["properties"]["company"] == "Lindt & Zoon"


def test_who_is_known_by_id_is_changed_and_may_get_another_address(hubspot, asked):
    known = find(hubspot, "contact1@1.example.com")[0]["id"]
    written = asked.write(write("a", "married@example.com", known, lastname="Married", phone=""))
    assert (written[0].outcome, written[0].vendor_id) == ("updated", known)
    (found,) = find(hubspot, "married@example.com")
    assert (found["id"], found["properties"]["lastname"], found["properties"]["phone"]) == (
        known,
        "Married",
        None,
    )


def test_the_same_again_makes_no_second_contact(hubspot, asked):
    first = asked.write(write("a", "new@example.com"))
    again = asked.write(write("a", "NEW@example.com "))
    assert (first[0].outcome, again[0].outcome) == ("created", "updated")
    assert len(find(hubspot, "new@example.com")) == 1


def test_one_address_twice_in_a_batch_is_one_contact(hubspot, asked):
    written = asked.write(
        write("a", "new@example.com"), write("b", "New@Example.com", firstname="Second")
    )
    assert outcomes(written) == [("a", "created"), ("b", "updated")]
    assert len({each.vendor_id for each in written}) == 1
    (found,) = find(hubspot, "new@example.com")
    assert found["properties"]["firstname"] == "Second"


def test_a_second_address_of_somebody_finds_them_and_stays_the_second(hubspot, asked):
    ids = [find(hubspot, f"contact{number}@1.example.com")[0]["id"] for number in (1, 2)]
    merged = hubspot.act("merge", ids=ids)
    written = asked.write(write("a", "contact2@1.example.com", firstname="Both"))
    assert (written[0].outcome, written[0].vendor_id) == ("updated", merged)
    (found,) = find(hubspot, "contact2@1.example.com")
    assert (found["properties"]["email"], found["properties"]["firstname"]) == (
        "contact1@1.example.com",
        "Both",
    )


def test_an_id_of_before_a_merge_leads_to_who_is_left(hubspot, asked):
    ids = [find(hubspot, f"contact{number}@1.example.com")[0]["id"] for number in (1, 2)]
    merged = hubspot.act("merge", ids=ids)
    written = asked.write(write("a", "contact1@1.example.com", ids[0], firstname="Both"))
    assert (written[0].outcome, written[0].vendor_id) == ("updated", merged)


def test_who_was_deleted_there_is_looked_for_by_address(hubspot, asked):
    known = find(hubspot, "contact1@1.example.com")[0]["id"]
    hubspot.act("archive", id=known)
    (written,) = asked.write(write("a", "contact1@1.example.com", known, firstname="Again"))
    assert written.outcome == "created"
    assert written.vendor_id != known
    assert len(find(hubspot, "contact1@1.example.com")) == 1


def test_of_a_batch_each_that_is_refused_is_named_and_the_others_are_written(hubspot, asked):
    known = find(hubspot, "contact1@1.example.com")[0]["id"]
    written = asked.write(
        write("good", "good@example.com"),
        write("bad address", "no address at all"),
        write("bad property", "other@example.com", shoe_size="44"),
        write("taken", "contact2@1.example.com", known),
        write("fine", "contact3@1.example.com", firstname="Fine"),
    )
    errors = {each.key: each.error for each in written if each.outcome == "failed"}
    assert errors == {"bad address": BAD_ADDRESS, "bad property": NO_PROPERTY, "taken": TAKEN}
    assert {each.key for each in written if each.outcome != "failed"} == {"good", "fine"}
    assert len(find(hubspot, "good@example.com")) == 1
    assert find(hubspot, "other@example.com") == []


def test_a_contact_without_an_address_is_refused_unless_its_id_is_known(hubspot, asked):
    known = find(hubspot, "contact1@1.example.com")[0]["id"]
    written = asked.write(
        write("a", "", firstname="Nobody"),
        write("b", "", known, firstname="Somebody", lifecyclestage="customer"),
    )
    assert outcomes(written) == [("a", "failed"), ("b", "updated")]


def test_a_hundred_and_one_go_in_two_batches(hubspot, asked):
    hubspot.sandbox.forget()
    written = asked.write(
        *(write(str(number), f"new{number}@example.com") for number in range(101))
    )
    assert {each.outcome for each in written} == {"created"}
    sizes = [len(json.loads(entry["body"])["inputs"]) for entry in hubspot.asked(f"{BATCH}/upsert")]
    assert sizes == [100, 1]


def test_a_batch_that_is_refused_whole_is_halved_until_it_is_known_whose_fault_it_is(
    hubspot, asked, monkeypatch
):
    hubspot.turn(refuses_whole=True)
    written = asked.write(
        *(write(str(number), f"new{number}@example.com") for number in range(7)),
        write("bad", "no address"),
    )
    assert outcomes(written) == [
        *((str(number), "created") for number in range(7)),
        ("bad", "failed"),
    ]
    assert written[-1].error == BAD_ADDRESS


def test_a_rule_of_the_account_is_told_by_its_name(hubspot, asked):
    hubspot.turn(required=["jobtitle"])
    (written,) = asked.write(write("a", "new@example.com"))
    assert (written.outcome, written.error) == ("failed", NEEDED)


def test_an_answer_that_says_nothing_of_somebody_is_no_success(hubspot, asked):
    hubspot.turn(forgets=["new@example.com"])
    written = asked.write(write("a", "new@example.com"), write("b", "other@example.com"))
    assert [(each.outcome, each.error) for each in written] == [
        ("failed", NOT_SAID),
        ("created", ""),
    ]


def test_an_answer_that_is_lost_makes_nobody_twice(hubspot, asked):
    hubspot.fault("cut", path=f"{BATCH}/upsert", times=1)
    (written,) = asked.write(write("a", "new@example.com"))
    assert written.outcome in ("created", "updated")
    assert len(find(hubspot, "new@example.com")) == 1


@pytest.mark.parametrize("kind", ["error", "html", "rate_limited"])
def test_a_fault_on_the_way_is_raised_and_blames_no_contact(closer, hubspot, monkeypatch, kind):
    monkeypatch.setattr(client, "LIMITS", Limits(attempts=1, longest_retry_after=0))
    asked = Asked(hubspot.connected(closer))
    hubspot.fault(kind, path=BATCH, retry_after="60")
    with pytest.raises(Temporary if kind != "rate_limited" else Exception):
        asked.write(write("a", "new@example.com"))


def test_a_key_that_may_not_write_is_told_which_right_it_needs(closer, hubspot):
    asked = Asked(hubspot.connected(closer, accessToken=READING_ONLY))
    with pytest.raises(Rejected, match=r"crm\.objects\.contacts\.write"):
        asked.write(write("a", "new@example.com"))


def test_a_key_that_was_deleted_meanwhile_is_the_accounts_fault(hubspot, asked):
    hubspot.turn(revoked=[TOKEN])
    with pytest.raises(BadCredentials):
        asked.write(write("a", "new@example.com"))


def test_no_more_than_a_batch_is_taken_at_once(asked):
    assert asked.contacts.batch == writing.BATCH == 100

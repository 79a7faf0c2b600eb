"""Contacts written to Pipedrive: made, changed, never a second of one address,
and each refusal by its name.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest

from core.errors import BadCredentials, Rejected, Temporary
from integrations.contacts.speaking import ContactWrite
from integrations.providers.pipedrive import making
from integrations.providers.pipedrive.answers import BAD_ADDRESS, GONE, NOT_SEEN
from integrations.providers.pipedrive.writing import AT_IT, NO_ADDRESS
from tests.integrations.crm_cast import Asked, write
from tests.integrations.pipedrive_cast import NORTHWIND, SEES_A_THIRD, TOKEN, pipedrive
from tests.support import people

pytestmark = pytest.mark.django_db

__all__ = ["pipedrive"]
PERSONS = "/api/v2/persons"


@pytest.fixture
def asked(closer, pipedrive) -> Asked:
    return Asked(pipedrive.connected(closer))


def find(pipedrive, email):
    return pipedrive.act("find", email=email)


def outcomes(written):
    return [(each.key, each.outcome) for each in written]


def test_whom_nobody_knows_is_made_and_whose_address_is_known_is_changed(pipedrive, asked):
    written = asked.write(
        write("a", "new@example.com", name="New Person", phone="+32 1"),
        write("b", "Person1@1.Example.com", name="Anna"),
    )
    assert outcomes(written) == [("a", "created"), ("b", "updated")]
    assert written[1].vendor_id == "2"
    (new,), (changed,) = (
        find(pipedrive, "new@example.com"),
        find(pipedrive, "person1@1.example.com"),
    )
    assert (str(new["id"]), new["name"]) == (written[0].vendor_id, "New Person")
    assert new["emails"] == [{"value": "new@example.com", "primary": True, "label": "work"}]
    assert new["phones"] == [{"value": "+32 1", "primary": True, "label": "work"}]
    assert (changed["name"], changed["phones"][0]["value"]) == ("Anna", "+32 470 000001")


def test_who_has_no_name_is_called_by_their_address(pipedrive, asked):
    asked.write(write("a", "new@example.com"))
    assert find(pipedrive, "new@example.com")[0]["name"] == "new@example.com"


def test_addresses_and_numbers_beside_the_first_stay(pipedrive, asked):
    pipedrive.act("merge", ids=[2, 3])
    written = asked.write(write("a", "married@example.com", 2, phone="+32 2"))
    assert (written[0].outcome, written[0].vendor_id) == ("updated", "2")
    (found,) = find(pipedrive, "married@example.com")
    assert [(each["value"], each["primary"]) for each in found["emails"]] == [
        ("married@example.com", True),
        ("person2@1.example.com", False),
    ]
    assert [each["value"] for each in found["phones"]] == ["+32 2"]


def test_an_empty_number_takes_the_first_away(pipedrive, asked):
    asked.write(write("a", "person1@1.example.com", 2, phone=""))
    assert find(pipedrive, "person1@1.example.com")[0]["phones"] == []


def test_a_second_address_of_somebody_finds_them_and_stays_the_second(pipedrive, asked):
    pipedrive.act("merge", ids=[2, 3])
    written = asked.write(write("a", "person2@1.example.com", name="Both"))
    assert (written[0].outcome, written[0].vendor_id) == ("updated", "2")
    (found,) = find(pipedrive, "person2@1.example.com")
    assert (found["name"], found["emails"][0]["value"]) == ("Both", "person1@1.example.com")


def test_the_same_again_makes_nobody_twice_though_the_index_is_late(pipedrive, asked):
    pipedrive.turn(index_lag=3600)
    first = asked.write(write("a", "new@example.com"))
    again = asked.write(write("a", "NEW@example.com "))
    assert (first[0].outcome, again[0].outcome) == ("created", "updated")
    assert len(find(pipedrive, "new@example.com")) == 1


def test_one_address_twice_in_a_batch_is_one_person(pipedrive, asked):
    pipedrive.turn(index_lag=3600)
    written = asked.write(
        write("a", "new@example.com"), write("b", "New@Example.com", name="Second")
    )
    assert outcomes(written) == [("a", "created"), ("b", "updated")]
    assert [row["name"] for row in find(pipedrive, "new@example.com")] == ["Second"]


def test_an_answer_that_is_lost_makes_nobody_twice(pipedrive, asked):
    pipedrive.turn(index_lag=3600)
    pipedrive.fault("cut", path=PERSONS, method="POST", times=1)
    with pytest.raises(Temporary):
        asked.write(write("a", "new@example.com"))
    assert len(find(pipedrive, "new@example.com")) == 1
    (written,) = asked.write(write("a", "new@example.com"))
    assert written.outcome == "updated"
    assert len(find(pipedrive, "new@example.com")) == 1


def test_a_fault_that_made_nobody_is_made_up_for_at_once(pipedrive, asked):
    pipedrive.fault("error", path=PERSONS, method="POST", times=1)
    with pytest.raises(Temporary):
        asked.write(write("a", "new@example.com"))
    (written,) = asked.write(write("a", "new@example.com"))
    assert written.outcome == "created"
    assert len(find(pipedrive, "new@example.com")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_syncs_at_once_make_each_person_once(closer, northwind, pipedrive):
    colleague = people.client_of(people.member("SETTER", northwind))
    pipedrive.turn(index_lag=3600, rate_limits=False)
    both = [Asked(pipedrive.connected(each)) for each in (closer, colleague)]
    writes = [write(str(number), f"new{number}@example.com") for number in range(12)]
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda asked: asked.write(*writes), both)
    assert {each.outcome for each in (*first, *second)} == {"created", "updated"}
    assert [each.vendor_id for each in first] == [each.vendor_id for each in second]
    assert [len(find(pipedrive, each.email)) for each in writes] == [1] * 12


def test_whoever_takes_too_long_is_not_made_beside_them(pipedrive, asked, monkeypatch):
    monkeypatch.setattr(making, "WAITED", 0.2)
    context = replace(asked.client.context, integration_id=uuid4())
    theirs = making.Making(context, "new@example.com")
    assert theirs.begin()
    (written,) = asked.write(write("a", "new@example.com"))
    assert (written.outcome, written.error) == ("failed", AT_IT)
    theirs.undone()
    (written,) = asked.write(write("a", "new@example.com"))
    assert written.outcome == "created"


def test_of_two_that_share_an_address_the_older_is_changed(pipedrive, asked):
    pipedrive.act("add", called="Twin", email="person1@1.example.com")
    (written,) = asked.write(write("a", "person1@1.example.com", name="Anna"))
    assert len(find(pipedrive, "person1@1.example.com")) == 2
    assert written.outcome == "updated"


def test_who_was_deleted_there_is_looked_for_by_address(pipedrive, asked):
    pipedrive.act("delete", id=2)
    (written,) = asked.write(write("a", "person1@1.example.com", 2, name="Again"))
    assert written.outcome == "created"
    assert written.vendor_id != "2"
    assert len(find(pipedrive, "person1@1.example.com")) == 1


def test_each_that_is_refused_is_named_and_the_others_are_written(pipedrive, asked):
    written = asked.write(
        write("good", "good@example.com"),
        write("bad", "no address at all"),
        write("none", "", name="Nobody"),
        ContactWrite("known", "3", "", {"name": "Known"}),
    )
    errors = {each.key: each.error for each in written if each.outcome == "failed"}
    assert errors == {"bad": BAD_ADDRESS, "none": NO_ADDRESS}
    assert {each.key for each in written if each.outcome != "failed"} == {"good", "known"}


def test_who_is_deleted_between_the_look_and_the_write_is_gone(pipedrive, asked):
    pipedrive.fault("error", path=f"{PERSONS}/2", method="PATCH", status=410)
    (written,) = asked.write(write("a", "person1@1.example.com", 2, name="Late"))
    assert (written.outcome, written.error) == ("failed", GONE)


def test_whom_this_person_may_not_change_fails_alone(pipedrive, asked):
    pipedrive.fault("forbidden", path=f"{PERSONS}/2", method="PATCH")
    written = asked.write(
        write("a", "person1@1.example.com", 2, name="No"), write("b", "new@example.com")
    )
    assert [(each.outcome, each.error) for each in written] == [
        ("failed", NOT_SEEN),
        ("created", ""),
    ]


def test_who_is_not_seen_is_looked_for_by_address(closer, pipedrive):
    asked = Asked(pipedrive.connected(closer, apiToken=SEES_A_THIRD))
    (written,) = asked.write(write("a", "mine@example.com", 2, name="Mine"))
    assert written.outcome == "created"


def test_numbers_are_numbers_and_switches_are_switches(pipedrive, asked):
    asked.write(write("a", "new@example.com", organization="Not ours to write"))
    (entry,) = [each for each in pipedrive.asked(PERSONS) if each["method"] == "POST"]
    assert set(json.loads(entry["body"])) == {"name", "emails"}


def test_an_app_that_may_not_write_is_told_which_scope_it_needs(closer, pipedrive):
    asked = Asked(pipedrive.signed_in(closer, NORTHWIND))
    pipedrive.turn(app_scopes="base,contacts:read")
    with pytest.raises(Rejected, match="contacts:full"):
        asked.write(write("a", "new@example.com"))


def test_a_token_that_was_made_anew_is_the_accounts_fault(pipedrive, asked):
    pipedrive.turn(revoked=[TOKEN])
    with pytest.raises(BadCredentials):
        asked.write(write("a", "new@example.com"))

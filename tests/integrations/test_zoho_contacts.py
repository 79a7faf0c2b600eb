"""Contacts out of Zoho and into it: pages, changes, deletions, batches,
and never a second of one address.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import RateLimited, Rejected, Temporary
from integrations.contacts.speaking import CREATED, FAILED, UPDATED
from integrations.providers.zoho import answers
from tests.integrations.crm_cast import of_address, of_id, records
from tests.integrations.zoho_cast import zoho

__all__ = ["zoho"]
pytestmark = pytest.mark.django_db
CONTACTS = "/crm/v8/Contacts"
UPSERT = f"{CONTACTS}/upsert"


@pytest.fixture
def integration(closer, zoho):
    return zoho.connected(closer)


def test_all_come_page_by_page_and_a_page_leads_on_after_a_restart(integration, zoho):
    zoho.turn(contacts=450)
    pages = zoho.pages(integration, names=["Seats"])
    assert [len(page.records) for page in pages] == [200, 200, 50]
    assert [page.total for page in pages] == [450, 450, 450]
    found = records(pages)
    assert len({record.id for record in found}) == 450
    row = zoho.act("contact", of=found[0].id)
    assert found[0].fields["Email"] == row["Email"]
    assert found[0].fields["Account_Name"] == row["Account_Name"]["name"]
    assert found[0].fields["Seats"] == str(row["Seats"])
    assert found[0].changed_at == datetime.fromisoformat(row["Modified_Time"])


def test_beyond_two_thousand_a_token_leads_on(integration, zoho):
    zoho.turn(contacts=2300)
    assert len({record.id for record in records(zoho.pages(integration))}) == 2300
    assert not [entry for entry in zoho.asked(CONTACTS) if "page" in entry["query"]]


def test_only_what_was_changed_comes_again(integration, zoho):
    since = datetime.now(UTC) - timedelta(hours=1)
    assert records(zoho.pages(integration, since)) == []
    assert zoho.asked(CONTACTS)[-1]["status"] == 304
    changed = zoho.act("contacts")[7]["Email"]
    zoho.act("change", of=changed, Phone="+32 2 000 00 01")
    zoho.act("add", First_Name="Nele", Last_Name="Baert", Email="nele@new.example")
    found = records(zoho.pages(integration, since))
    assert [record.fields["Email"] for record in found] == [changed, "nele@new.example"]
    header = zoho.asked(CONTACTS)[-1]["headers"]["if-modified-since"]
    assert datetime.fromisoformat(header) < since


def test_changes_come_by_pages_too(integration, zoho):
    since = datetime.now(UTC) - timedelta(hours=1)
    zoho.act("fill", count=450, seconds_ago=60)
    assert [len(page.records) for page in zoho.pages(integration, since)] == [200, 200, 50]


def test_the_deleted_come_by_themselves(integration, zoho):
    since = datetime.now(UTC) - timedelta(hours=1)
    assert records(zoho.pages(integration, since, deleted=True)) == []
    first, second = (row["id"] for row in zoho.act("contacts")[:2])
    zoho.act("remove", of=first)
    zoho.act("remove", of=second, for_good=True)
    found = records(zoho.pages(integration, since, deleted=True))
    assert [(record.id, record.is_deleted) for record in found] == [(first, True), (second, True)]
    assert len(records(zoho.pages(integration))) == 118


def test_nobody_is_no_error(integration, zoho):
    zoho.turn(contacts=0)
    pages = zoho.pages(integration)
    assert (records(pages), pages[0].total) == ([], 0)


def test_without_the_right_to_see_fields_the_usual_ones_come(integration, zoho):
    zoho.turn(lacks=["ZohoCRM.settings.fields.READ"])
    found = records(zoho.pages(integration, names=["Seats"]))
    assert len(found) == 120
    assert "Seats" not in found[0].fields


def test_a_list_that_goes_round_in_a_circle_ends(integration, zoho):
    zoho.turn(contacts=450)
    zoho.fault("looping_cursor", CONTACTS)
    with pytest.raises(Temporary):
        zoho.pages(integration)


def test_a_page_that_comes_twice_loses_nobody(integration, zoho):
    zoho.turn(contacts=450)
    zoho.fault("duplicate_page", CONTACTS, times=1, after=2)
    assert len({record.id for record in records(zoho.pages(integration))}) == 450


def test_a_list_whose_token_is_over_is_begun_anew_once(integration, zoho):
    zoho.turn(contacts=450)
    first = zoho.contacts.fetch(*zoho.client(integration), None, None)
    over = json.dumps({**json.loads(first.cursor), "page_token": "b3Zlcg=="})
    again = zoho.contacts.fetch(*zoho.client(integration), None, over)
    assert [record.id for record in again.records] == [record.id for record in first.records]
    over = json.dumps({**json.loads(again.cursor), "page_token": "b3Zlcg=="})
    with pytest.raises(Rejected):
        zoho.contacts.fetch(*zoho.client(integration), None, over)


def test_new_ones_are_created_and_known_ones_updated_without_workflows(integration, zoho):
    known = zoho.act("contacts")[3]
    written = zoho.write(
        integration,
        of_address("new@made.example", First_Name="Ann", Last_Name="New"),
        of_address(known["Email"].upper(), Title="Owner"),
        of_id(known["id"], Phone="+32 2 000 00 02"),
        of_address("nameless@made.example"),
    )
    assert [each.outcome for each in written] == [CREATED, UPDATED, UPDATED, CREATED]
    assert written[1].vendor_id == written[2].vendor_id == known["id"]
    row = zoho.act("contact", of=known["id"])
    assert (row["Title"], row["Phone"], row["Last_Name"]) == (
        "Owner",
        "+32 2 000 00 02",
        known["Last_Name"],
    )
    assert zoho.act("contact", of=written[3].vendor_id)["Last_Name"] == "nameless"
    again = zoho.write(integration, of_address("New@Made.example", Last_Name="New", Title="CFO"))
    assert (again[0].outcome, again[0].vendor_id) == (UPDATED, written[0].vendor_id)
    assert len(zoho.rows("new@made.example")) == 1
    assert not any(zoho.act("workflows"))


@pytest.mark.parametrize("status", [200, 202, 400])
def test_a_batch_that_fails_in_part_or_whole_says_which_and_why(integration, zoho, status):
    zoho.turn(failed_status=status)
    gone, alive = (row["id"] for row in zoho.act("contacts")[:2])
    zoho.act("remove", of=gone)
    written = zoho.write(
        integration,
        of_address("good@made.example", Last_Name="Good"),
        of_address("long@made.example", First_Name="x" * 41, Last_Name="Long"),
        of_address("not an address", Last_Name="Bad"),
        of_address("", Last_Name="Nobody"),
        of_id(gone, Title="Gone"),
        of_id(alive, Title="Alive"),
        of_address("seats@made.example", Last_Name="S", Seats="many"),
    )
    assert [each.outcome for each in written] == [CREATED] + [FAILED] * 4 + [UPDATED, FAILED]
    errors = [each.error for each in written]
    assert errors[1:3] == [answers.BAD_VALUE, answers.BAD_ADDRESS]
    assert (errors[4], errors[6]) == (answers.DELETED, answers.BAD_VALUE)
    alone = zoho.write(integration, of_id(gone, Title="Gone"))
    assert (alone[0].outcome, alone[0].error, alone[0].vendor_id) == (FAILED, answers.DELETED, gone)


def test_own_fields_get_numbers_and_are_emptied(integration, zoho):
    row = zoho.act("contacts")[0]
    zoho.write(integration, of_id(row["id"], Seats="12", Title=""))
    changed = zoho.act("contact", of=row["id"])
    assert (changed["Seats"], changed["Title"]) == (12, None)


def test_batches_hold_a_hundred(integration, zoho):
    written = zoho.write(
        integration, *(of_address(f"n{n}@made.example", Last_Name="N") for n in range(150))
    )
    assert {each.outcome for each in written} == {CREATED}
    bodies = zoho.sent(UPSERT, "POST")
    assert [len(body["data"]) for body in bodies] == [100, 50]
    assert {tuple(body["duplicate_check_fields"]) for body in bodies} == {("Email",)}
    assert zoho.contacts.batch == 100


def test_who_may_not_write_is_told(integration, zoho):
    zoho.turn(may_write=False)
    with pytest.raises(Rejected, match="Zoho user may not do that"):
        zoho.write(integration, of_address("a@made.example", Last_Name="A"))


@pytest.mark.parametrize("kind", ["cut", "malformed", "error"])
def test_a_write_whose_answer_was_lost_makes_no_second_contact(integration, zoho, kind):
    write = of_address("lost@made.example", Last_Name="Lost")
    zoho.fault(kind, UPSERT, method="POST", times=1)
    written = zoho.write(integration, write)
    assert written[0].outcome in {CREATED, UPDATED}
    assert len(zoho.asked(UPSERT, "POST")) == 2
    assert len(zoho.rows("lost@made.example")) == 1


def test_spent_credits_are_no_lost_access(integration, zoho):
    zoho.contacts.count(*zoho.client(integration))
    zoho.turn(credits=1)
    with pytest.raises(RateLimited) as caught:
        zoho.contacts.count(*zoho.client(integration))
    assert (caught.value.status, caught.value.retry_after) == (429, 60)

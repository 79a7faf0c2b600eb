"""Contacts out of Salesforce and into it: pages, changes, deletions, batches,
and never a second of one address.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import RateLimited, Rejected, Temporary
from integrations.contacts.speaking import CREATED, FAILED, UPDATED
from integrations.providers.salesforce import answers, soql
from tests.integrations.crm_cast import of_address, of_id, records
from tests.integrations.salesforce_cast import salesforce

__all__ = ["salesforce"]
pytestmark = pytest.mark.django_db
DATA = "/services/data/v66.0"
COLLECTIONS = f"{DATA}/composite/sobjects"


@pytest.fixture
def integration(closer, salesforce):
    return salesforce.connected(closer)


def test_all_come_page_by_page_and_a_page_leads_on_after_a_restart(integration, salesforce):
    salesforce.turn(page_size=50)
    pages = salesforce.pages(integration, names=["Score__c"])
    assert [len(page.records) for page in pages] == [50, 50, 20]
    assert [page.total for page in pages] == [120, 120, 120]
    assert all(page.size > 1000 for page in pages)
    found = records(pages)
    assert len({record.id for record in found}) == 120
    row = salesforce.act("contact", of=found[0].id)
    assert found[0].fields["Email"] == row["Email"]
    assert found[0].fields["Account.Name"] == row["Account"]
    assert found[0].fields["Score__c"] == str(int(row["Score__c"]))
    assert found[0].changed_at == datetime.fromisoformat(row["SystemModstamp"])
    assert "Sforce-Query-Options".lower() in salesforce.asked(f"{DATA}/query")[0]["headers"]


def test_only_what_was_changed_comes_again_in_the_order_of_changes(integration, salesforce):
    since = datetime.now(UTC) - timedelta(hours=1)
    changed = salesforce.act("contacts")[7]["Email"]
    salesforce.act("change", of=changed, Phone="+32 2 000 00 01")
    salesforce.act("add", FirstName="Nele", LastName="Baert", Email="nele@new.example")
    found = records(salesforce.pages(integration, since))
    assert [record.fields["Email"] for record in found] == [changed, "nele@new.example"]
    query = salesforce.asked(f"{DATA}/query")[-1]["query"]["q"][0]
    assert "SystemModstamp >= " in query
    assert query.endswith("ORDER BY SystemModstamp, Id")


def test_a_little_before_is_read_again(integration, salesforce):
    salesforce.act("fill", count=1, seconds_ago=200)
    assert len(records(salesforce.pages(integration, datetime.now(UTC)))) == 1
    assert not records(salesforce.pages(integration, datetime.now(UTC) + timedelta(minutes=10)))


def test_the_deleted_and_the_merged_come_by_themselves(integration, salesforce):
    since = datetime.now(UTC) - timedelta(hours=1)
    first, second, third = (row["Id"] for row in salesforce.act("contacts")[:3])
    salesforce.act("remove", of=first)
    salesforce.act("merge", of=second, into=third)
    found = records(salesforce.pages(integration, since, deleted=True))
    assert [(record.id, record.is_deleted) for record in found] == [(first, True), (second, True)]
    assert len(records(salesforce.pages(integration))) == 118


def test_fields_that_the_user_does_not_see_are_left_out(integration, salesforce):
    salesforce.turn(hidden_fields=["Phone", "AccountId"])
    found = records(salesforce.pages(integration, names=["Favourite_Region__c"]))
    assert len(found) == 120
    assert not {"Phone", "Account.Name"} & set(found[0].fields)
    assert "Favourite_Region__c" in found[0].fields
    # The others that the organization made are nobody's wish.
    assert "Score__c" not in found[0].fields


def test_a_list_that_goes_round_in_a_circle_ends(integration, salesforce):
    salesforce.turn(page_size=50)
    salesforce.fault("looping_cursor", f"{DATA}/query")
    with pytest.raises(Temporary):
        salesforce.pages(integration)


def test_a_page_that_comes_twice_loses_nobody(integration, salesforce):
    salesforce.turn(page_size=50)
    salesforce.fault("duplicate_page", f"{DATA}/query/", times=1)
    found = {record.id for record in records(salesforce.pages(integration))}
    assert len(found) == 120


def test_a_list_that_salesforce_has_dropped_is_begun_anew_once(integration, salesforce):
    salesforce.turn(page_size=50)
    first = salesforce.contacts.fetch(*salesforce.client(integration), None, None)
    salesforce.turn(contacts=120)
    again = salesforce.contacts.fetch(*salesforce.client(integration), None, first.cursor)
    assert {record.id for record in again.records} == {record.id for record in first.records}
    salesforce.turn(contacts=120)
    with pytest.raises(Rejected, match="reads it anew"):
        salesforce.contacts.fetch(*salesforce.client(integration), None, again.cursor)


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/", f"{DATA}/limits", "//evil.example", f"{DATA}/query/../limits", ""],
)
def test_a_cursor_asks_for_a_page_of_a_query_and_for_nothing_else(integration, salesforce, path):
    with pytest.raises(Temporary):
        salesforce.contacts.fetch(*salesforce.client(integration), None, json.dumps([path, 0, 0]))
    assert not salesforce.asked("/services/data")


def test_new_ones_are_created_and_known_ones_updated(integration, salesforce):
    known = salesforce.act("contacts")[3]
    written = salesforce.write(
        integration,
        of_address("new@made.example", FirstName="Ann", LastName="New"),
        of_address(known["Email"].upper(), Title="Owner"),
        of_id(known["Id"], Phone="+32 2 000 00 02"),
        of_address("nameless@made.example"),
    )
    assert [each.outcome for each in written] == [CREATED, UPDATED, UPDATED, CREATED]
    assert written[1].vendor_id == written[2].vendor_id == known["Id"]
    row = salesforce.act("contact", of=known["Id"])
    assert (row["Title"], row["Phone"], row["LastName"]) == (
        "Owner",
        "+32 2 000 00 02",
        known["LastName"],
    )
    assert salesforce.act("contact", of=written[3].vendor_id)["LastName"] == "nameless"
    again = salesforce.write(integration, of_address("New@Made.example", Title="CFO"))
    assert (again[0].outcome, again[0].vendor_id) == (UPDATED, written[0].vendor_id)
    assert len(salesforce.rows("new@made.example")) == 1


def test_addresses_that_break_paths_and_queries_find_their_contact(integration, salesforce):
    addresses = [
        "jane@company.inc",
        "o'brien@made.example",
        "a+b@made.example",
        "x'y'z@made.example",
    ]
    for _time in range(2):
        written = salesforce.write(
            integration, *(of_address(address, LastName="X") for address in addresses)
        )
        assert not [each for each in written if each.outcome == FAILED]
    assert [len(salesforce.rows(address)) for address in addresses] == [1, 1, 1, 1]


def test_a_batch_that_fails_in_part_says_which_and_why(integration, salesforce):
    gone, alive = (row["Id"] for row in salesforce.act("contacts")[:2])
    salesforce.act("remove", of=gone)
    salesforce.act("add", LastName="A", Email="both@made.example")
    salesforce.act("add", LastName="B", Email="both@made.example")
    written = salesforce.write(
        integration,
        of_address("good@made.example", LastName="Good"),
        of_address("long@made.example", FirstName="x" * 41),
        of_address("not an address", LastName="Bad"),
        of_address("", LastName="Nobody"),
        of_address("both@made.example", Title="?"),
        of_id(gone, Title="Gone"),
        of_id(alive, Title="Alive"),
        of_address("score@made.example", Score__c="many"),
        of_address("field@made.example", Nothing__c="x"),
    )
    assert [each.outcome for each in written] == [CREATED] + [FAILED] * 5 + [UPDATED] + [FAILED] * 2
    errors = [each.error for each in written]
    assert errors[1:3] == [answers.TOO_LONG, answers.BAD_ADDRESS]
    assert errors[4:6] == [answers.SEVERAL, answers.DELETED]
    assert errors[7:] == [answers.WRONG_KIND, answers.NO_FIELD_ROW]
    assert len(salesforce.rows("both@made.example")) == 2


def test_own_fields_get_numbers_and_are_emptied(integration, salesforce):
    row = salesforce.act("contacts")[0]
    salesforce.write(integration, of_id(row["Id"], Score__c="12.5", Title=""))
    changed = salesforce.act("contact", of=row["Id"])
    assert (changed["Score__c"], changed["Title"]) == (12.5, None)


def test_batches_hold_two_hundred(integration, salesforce):
    written = salesforce.write(
        integration, *(of_address(f"n{n}@made.example", LastName="N") for n in range(250))
    )
    assert {each.outcome for each in written} == {CREATED}
    sizes = [len(body["records"]) for body in salesforce.sent(COLLECTIONS, "POST")]
    assert sizes == [200, 50]
    assert salesforce.contacts.batch == 200


def test_rows_that_somebody_has_locked_are_tried_again(integration, salesforce):
    salesforce.turn(locked_rows=1)
    written = salesforce.write(
        integration,
        of_address("a@made.example", LastName="A"),
        of_address("b@made.example", LastName="B"),
    )
    assert [each.outcome for each in written] == [CREATED, CREATED]
    assert [len(body["records"]) for body in salesforce.sent(COLLECTIONS, "POST")] == [2, 1]


def test_a_duplicate_rule_is_told(integration, salesforce):
    salesforce.turn(duplicate_rule=True, access="read")
    written = salesforce.write(integration, of_address("a@made.example", LastName="A"))
    assert (written[0].outcome, written[0].error) == (FAILED, answers.NO_ACCESS)


@pytest.mark.parametrize("kind", ["cut", "malformed", "error"])
def test_a_creation_whose_answer_was_lost_is_found_the_next_time(integration, salesforce, kind):
    write = of_address("lost@made.example", LastName="Lost")
    salesforce.fault(kind, COLLECTIONS, method="POST", times=1)
    with pytest.raises(Temporary):
        salesforce.write(integration, write)
    assert len(salesforce.asked(COLLECTIONS, "POST")) == 1
    written = salesforce.write(integration, write)
    assert written[0].outcome in {CREATED, UPDATED}
    assert len(salesforce.rows("lost@made.example")) == 1


def test_a_spent_limit_is_no_lost_key(integration, salesforce):
    client, values = salesforce.client(integration)
    salesforce.contacts.count(client, values)
    salesforce.turn(daily_limit=1)
    with pytest.raises(RateLimited) as caught:
        salesforce.contacts.count(*salesforce.client(integration))
    assert (caught.value.status, caught.value.retry_after) == (403, 3600)
    salesforce.turn(daily_limit=15_000, api_enabled=False)
    with pytest.raises(Rejected, match="no access to the API"):
        salesforce.contacts.count(*salesforce.client(integration))


def test_no_value_leaves_its_place_in_a_query():
    assert soql.literal("o'b\\c\n\0") == "'o\\'b\\\\c\\n'"
    queries = list(soql.by_address([f"{'x' * 60}{n}@made.example" for n in range(250)]))
    assert len(queries) > 1
    assert max(len(query) for query in queries) < 10_000

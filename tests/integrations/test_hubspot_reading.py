"""HubSpot's contacts, read: whole lists, what changed since, what was deleted;
nothing twice, and nothing left out.
"""

from datetime import UTC, datetime, timedelta

import pytest

from core import sync
from core.errors import BadCredentials, RateLimited, Rejected, Temporary
from core.http import Limits
from integrations.providers.hubspot import client
from sandbox.vendors.hubspot import searching
from tests.integrations.crm_cast import Asked, ids
from tests.integrations.hubspot_cast import WITHOUT_CONTACTS, hubspot

pytestmark = pytest.mark.django_db

__all__ = ["hubspot"]
CONTACTS = "/crm/objects/2026-09/contacts"
SEARCH = f"{CONTACTS}/search"
A_WEEK = timedelta(days=7)


def a_while_ago(**ago: float) -> datetime:
    return datetime.now(UTC) - timedelta(**ago)


def find(hubspot, number: int) -> str:
    return str(hubspot.act("find", email=f"contact{number}@1.example.com")[0]["id"])


def test_all_contacts_come_in_pages_of_a_hundred(closer, hubspot):
    asked = Asked(hubspot.connected(closer))
    pages = asked.pages()
    records = [record for page in pages for record in page.records]
    assert [len(page.records) for page in pages] == [100, 100, 40]
    assert len(set(ids(records))) == 240
    first = records[0]
    assert (first.fields["email"], first.fields["company"]) == (
        "contact0@1.example.com",
        "Harbour Foods",
    )
    # What is empty is an empty text.
    assert first.fields["phone"] == ""
    assert first.changed_at is not None
    assert all(page.size > 1000 for page in pages)
    assert asked.contacts.count(asked.client, asked.values) == 240


def test_a_walk_goes_on_from_its_cursor(closer, hubspot):
    asked = Asked(hubspot.connected(closer))
    first = asked.page()
    hubspot.sandbox.forget()
    rest = Asked(hubspot.connected(closer)).all(cursor=first.cursor)
    assert len(rest) == 140
    assert not set(ids(first.records)) & set(ids(rest))
    assert len(hubspot.asked(CONTACTS)) == 2


def test_what_changed_since_is_found_and_nothing_else(closer, hubspot):
    hubspot.act("change", id=find(hubspot, 7), phone="+32 2 555 01 07")
    new = hubspot.act("add", email="new@example.com", firstname="New")
    asked = Asked(hubspot.connected(closer))
    (page,) = asked.pages(since=a_while_ago(minutes=1))
    assert sorted(ids(page.records)) == sorted([find(hubspot, 7), new])
    assert {record.fields["phone"] for record in page.records} == {"+32 2 555 01 07", ""}
    assert page.total == 2


def test_changes_are_paged_by_id_and_go_on_from_the_last(closer, hubspot):
    hubspot.turn(contacts=450)
    asked = Asked(hubspot.connected(closer))
    pages = asked.pages(since=a_while_ago(days=7))
    assert [len(page.records) for page in pages] == [200, 200, 50]
    assert pages[0].cursor == pages[0].records[-1].id
    # Somebody who comes and somebody who goes meanwhile move no page.
    hubspot.act("archive", id=pages[0].records[0].id)
    new = hubspot.act("add", email="new@example.com")
    rest = asked.all(since=a_while_ago(days=7), cursor=pages[0].cursor)
    assert len(rest) == 251
    assert rest[-1].id == new


def test_beyond_what_a_search_gives_nothing_is_left_out(closer, hubspot, monkeypatch):
    monkeypatch.setattr(searching, "DEEPEST", 600)
    hubspot.turn(contacts=1050)
    records = Asked(hubspot.connected(closer)).all(since=a_while_ago(days=30))
    assert len(set(ids(records))) == len(records) == 1050


def test_the_index_that_lags_is_asked_from_some_minutes_before(closer, hubspot):
    asked = Asked(hubspot.connected(closer))
    hubspot.act("change", id=find(hubspot, 7), phone="+32 2 555 01 07")
    found = asked.all(since=a_while_ago(minutes=-4))
    assert ids(found) == [find(hubspot, 7)]


def test_what_was_deleted_is_listed(closer, hubspot):
    gone = [find(hubspot, 1), find(hubspot, 2)]
    for name in gone:
        hubspot.act("archive", id=name)
    asked = Asked(hubspot.connected(closer))
    page = asked.contacts.fetch_deleted(asked.client, asked.values, a_while_ago(minutes=1), None)
    assert (ids(page.records), page.cursor) == (gone, None)
    assert all(record.is_deleted for record in page.records)
    page = asked.contacts.fetch_deleted(asked.client, asked.values, a_while_ago(minutes=-10), None)
    assert page.records == []
    assert not set(gone) & set(ids(asked.all()))


def test_a_page_that_comes_twice_costs_nothing(closer, hubspot):
    asked = Asked(hubspot.connected(closer))
    first = asked.page()
    hubspot.fault("duplicate_page", path=CONTACTS, times=1)
    with pytest.raises(sync.Looped):
        asked.all(cursor=first.cursor)
    assert len(asked.all(cursor=first.cursor)) == 140


def test_a_list_that_never_ends_is_an_error_and_no_endless_walk(closer, hubspot):
    hubspot.fault("looping_cursor", path=CONTACTS)
    asked = Asked(hubspot.connected(closer))
    with pytest.raises(sync.Looped):
        asked.all()
    with pytest.raises(Temporary):
        asked.page(a_while_ago(days=7), find(hubspot, 239))


def test_a_second_that_is_full_is_waited_for(closer, hubspot):
    hubspot.turn(contacts=1500)
    asked = Asked(hubspot.connected(closer))
    assert len(asked.all(since=a_while_ago(days=7))) == 1500
    assert [entry["status"] for entry in hubspot.asked(SEARCH)] == [200] * 8


def test_a_key_that_lost_its_right_is_not_called_wrong(closer, hubspot):
    asked = Asked(hubspot.connected(closer, accessToken=WITHOUT_CONTACTS))
    with pytest.raises(Rejected, match=r"crm\.objects\.contacts\.read"):
        asked.page()
    hubspot.turn(revoked=[WITHOUT_CONTACTS])
    with pytest.raises(BadCredentials):
        asked.page()


@pytest.mark.parametrize("kind", ["error", "html", "malformed", "cut", "empty"])
@pytest.mark.parametrize("since", [None, A_WEEK])
def test_a_fault_is_tried_again_and_then_raised(closer, hubspot, monkeypatch, kind, since):
    moment = since and datetime.now(UTC) - since
    asked = Asked(hubspot.connected(closer))
    hubspot.fault(kind, path=CONTACTS, times=1)
    assert len(asked.page(moment).records) >= 100
    monkeypatch.setattr(client, "LIMITS", Limits(attempts=1))
    asked = Asked(hubspot.connected(closer))
    hubspot.fault(kind, path=CONTACTS)
    with pytest.raises(Temporary):
        asked.page(moment)


def test_a_spent_day_is_said_at_once(closer, hubspot):
    hubspot.turn(daily_spent=True)
    asked = Asked(hubspot.connected(closer))
    with pytest.raises(RateLimited) as raised:
        asked.page()
    assert raised.value.retry_after == 3600
    assert len(hubspot.asked(CONTACTS)) == 1


def test_contacts_with_odd_values_are_read(closer, hubspot):
    hubspot.act("add", email="", firstname="No \x00 address", phone="9" * 20_000)
    records = Asked(hubspot.connected(closer)).all(since=a_while_ago(minutes=1))
    assert (records[0].fields["email"], len(records[0].fields["phone"])) == ("", 10_000)

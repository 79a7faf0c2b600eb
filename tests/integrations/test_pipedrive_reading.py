"""Pipedrive's persons, read: whole lists, and what changed since;
nothing twice, and nothing left out.
"""

from datetime import UTC, datetime, timedelta

import pytest

from core import sync
from core.errors import BadCredentials, RateLimited, Rejected, Temporary
from core.http import Limits
from integrations.providers.pipedrive import client, reading
from tests.integrations.crm_cast import Asked, ids
from tests.integrations.pipedrive_cast import NORTHWIND, SEES_A_THIRD, TOKEN, pipedrive

pytestmark = pytest.mark.django_db

__all__ = ["pipedrive"]
PERSONS = "/api/v2/persons"
A_WEEK = timedelta(days=7)


def a_while_ago(**ago: float) -> datetime:
    return datetime.now(UTC) - timedelta(**ago)


def test_all_persons_come_with_the_names_of_their_companies(closer, pipedrive):
    records = Asked(pipedrive.connected(closer)).all()
    assert len(set(ids(records))) == 240
    assert records[1].fields == {
        "name": "Bram Peeters",
        "email": "person1@1.example.com",
        "phone": "+32 470 000001",
        "organization": "Lindt & Zoon",
    }
    assert records[0].fields["phone"] == ""
    # Five hundred at once, and each organization asked for once:
    # a call costs the same whatever it brings.
    assert [entry["path"] for entry in pipedrive.asked("/api/v2")] == [
        PERSONS,
        "/api/v2/organizations",
    ]


def test_pages_follow_each_other_and_a_walk_goes_on_from_its_cursor(closer, pipedrive, monkeypatch):
    monkeypatch.setattr(reading, "PAGE", 100)
    integration = pipedrive.connected(closer)
    pages = Asked(integration).pages()
    assert [len(page.records) for page in pages] == [100, 100, 40]
    rest = Asked(integration).all(cursor=pages[0].cursor)
    assert ids(rest) == [record.id for page in pages[1:] for record in page.records]


def test_what_changed_since_is_found_by_whole_seconds(closer, pipedrive):
    pipedrive.act("change", id=7, phone="+32 2 555 01 07")
    new = pipedrive.act("add", called="New Person", email="new@example.com")
    records = Asked(pipedrive.connected(closer)).all(since=a_while_ago(seconds=30.5))
    assert ids(records) == ["7", str(new)]
    assert records[0].fields["phone"] == "+32 2 555 01 07"
    assert records[0].changed_at is not None


def test_who_changes_amid_a_walk_of_changes_moves_nobody_out_of_it(closer, pipedrive, monkeypatch):
    monkeypatch.setattr(reading, "PAGE", 100)
    asked = Asked(pipedrive.connected(closer))
    first = asked.page(since=a_while_ago(days=7))
    # The very person that the next page begins at.
    pipedrive.act("change", id=101, called="Changed")
    rest = asked.all(since=a_while_ago(days=7), cursor=first.cursor)
    assert len({*ids(first.records), *ids(rest)}) == 240


def test_who_was_deleted_is_marked_where_the_list_shows_it(closer, pipedrive):
    pipedrive.act("delete", id=7)
    asked = Asked(pipedrive.connected(closer))
    assert "7" not in ids(asked.all())
    pipedrive.turn(lists_deleted=True)
    assert [record.id for record in asked.all() if record.is_deleted] == ["7"]


def test_the_first_address_is_the_one_that_is_marked(closer, pipedrive):
    pipedrive.act("merge", ids=[1, 2])
    records = Asked(pipedrive.connected(closer)).all(since=a_while_ago(minutes=1))
    assert [record.fields["email"] for record in records] == ["person0@1.example.com"]


def test_who_is_no_administrator_sees_their_own(closer, pipedrive):
    assert len(Asked(pipedrive.connected(closer, apiToken=SEES_A_THIRD)).all()) == 80


def test_a_list_that_never_ends_is_an_error_and_no_endless_walk(closer, pipedrive, monkeypatch):
    monkeypatch.setattr(reading, "PAGE", 100)
    pipedrive.fault("looping_cursor", path=PERSONS)
    with pytest.raises(sync.Looped):
        Asked(pipedrive.connected(closer)).all()


def test_a_moment_that_is_full_is_waited_for(closer, pipedrive, monkeypatch):
    monkeypatch.setattr(reading, "PAGE", 10)
    records = Asked(pipedrive.connected(closer)).all()
    assert len(records) == 240
    assert {entry["status"] for entry in pipedrive.asked(PERSONS)} == {200}


def test_a_token_that_was_made_anew_is_the_accounts_fault(closer, pipedrive):
    asked = Asked(pipedrive.connected(closer))
    pipedrive.turn(revoked=[TOKEN])
    with pytest.raises(BadCredentials):
        asked.page()


def test_an_app_that_lost_its_scope_is_not_called_wrong(closer, pipedrive):
    asked = Asked(pipedrive.signed_in(closer, NORTHWIND))
    pipedrive.turn(app_scopes="base")
    with pytest.raises(Rejected, match="contacts:full"):
        asked.page()


def test_a_spent_day_is_said_at_once_and_a_ban_blames_no_token(closer, pipedrive):
    asked = Asked(pipedrive.connected(closer))
    pipedrive.turn(daily_tokens=1)
    with pytest.raises(RateLimited) as raised:
        asked.page()
    assert raised.value.retry_after == 3600
    assert len(pipedrive.asked(PERSONS)) == 1


def test_a_ban_blames_no_token(closer, pipedrive):
    pipedrive.turn(banned=True)
    with pytest.raises(RateLimited, match="not to blame"):
        Asked(pipedrive.connected(closer)).page()


@pytest.mark.parametrize("kind", ["error", "html", "malformed", "cut", "empty"])
@pytest.mark.parametrize("since", [None, A_WEEK])
def test_a_fault_is_tried_again_and_then_raised(closer, pipedrive, monkeypatch, kind, since):
    moment = since and datetime.now(UTC) - since
    asked = Asked(pipedrive.connected(closer))
    pipedrive.fault(kind, path=PERSONS, times=1)
    assert len(asked.page(moment).records) == 240
    monkeypatch.setattr(client, "LIMITS", Limits(attempts=1))
    asked = Asked(pipedrive.connected(closer))
    pipedrive.fault(kind, path=PERSONS)
    with pytest.raises(Temporary):
        asked.page(moment)

"""The walk through a list: circles, lost cursors, silence and refusals on the way;
and where a killed one goes on.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from calls.models import Call
from core import runs
from core.errors import RateLimited, Rejected, Temporary
from core.models import Run
from core.sync import Looped, patience
from fathom_sync import accounts
from fathom_sync.client import FathomClient
from fathom_sync.ledger import listing
from fathom_sync.meetings import storing
from fathom_sync.meetings.pages import Item, Page
from fathom_sync.models import FathomAccount, FathomMeeting
from fathom_sync.syncs import plans, sync
from fathom_sync.syncs.walking import Place, Window, ahead, walk
from tests.fathom_sync.cast import chloe, free_the_quota, installation, point_at
from tests.support.people import organization

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Scripted:
    """A list of so many meetings, one a minute, newest first;
    `odd` answers first, where it has something to say.
    """

    def __init__(self, count, odd=lambda _number, _start, _cursor: None):
        self.made = [NOW - timedelta(minutes=number) for number in range(count)]
        self.asked = []
        self.odd = odd

    def page(self, params, cursor=""):
        before = datetime.fromisoformat(dict(params)["created_before"])
        rows = [made for made in self.made if made <= before]
        start = int(cursor or 0)
        self.asked.append((before, cursor))
        answer = self.odd(len(self.asked), start, cursor)
        if isinstance(answer, Exception):
            raise answer
        items = [
            Item(made.isoformat().encode(), b"", made.isoformat(), made.isoformat())
            for made in rows[start:][:10]
        ]
        following = str(start + 10) if start + 10 < len(rows) else None
        return Page(items, answer if isinstance(answer, str) else following)


def names(steps):
    return {item.recording_id for step in steps for item in step.items}


def whole(lister):
    return {made.isoformat() for made in lister.made}


def test_every_page_to_the_end():
    lister = Scripted(35)
    steps = list(walk(lister, Place(Window(NOW))))
    assert names(steps) == whole(lister)
    assert [len(step.items) for step in steps] == [10, 10, 10, 5]
    assert steps[-1].place.done


def test_a_cursor_that_leads_back_is_given_up_for_the_oldest_meeting_seen():
    lister = Scripted(45, lambda number, _start, _cursor: "10" if number == 3 else None)
    assert names(walk(lister, Place(Window(NOW)))) == whole(lister)


def test_a_list_that_always_leads_back_ends_as_a_fault():
    lister = Scripted(8, lambda *_asked: "5")
    with pytest.raises(Looped):
        list(walk(lister, Place(Window(NOW))))


def test_a_cursor_that_fathom_does_not_know_any_more_is_given_up_too():
    lister = Scripted(
        45, lambda number, _start, _cursor: Rejected("fathom", status=400) if number == 4 else None
    )
    assert names(walk(lister, Place(Window(NOW)))) == whole(lister)


def test_a_question_that_fathom_refuses_is_not_asked_again():
    lister = Scripted(5, lambda *_asked: Rejected("fathom", status=400))
    with pytest.raises(Rejected):
        list(walk(lister, Place(Window(NOW))))
    assert len(lister.asked) == 1


def test_it_waits_for_as_long_as_it_is_told_and_tries_a_silent_vendor_again(monkeypatch):
    monkeypatch.setattr(patience, "PAUSES", (0.0, 0.0))
    answers = {
        2: RateLimited("fathom", retry_after=0.01),
        3: Temporary("fathom"),
        4: Temporary("fathom"),
    }
    lister = Scripted(25, lambda number, _start, _cursor: answers.get(number))
    assert names(walk(lister, Place(Window(NOW)))) == whole(lister)


def test_ahead_gives_the_same_meetings_in_batches_and_the_error_after_what_came_before_it():
    lister = Scripted(95)
    with ahead(lister, Place(Window(NOW)), 30, 10**6) as steps:
        batches = list(steps)
    assert names(batches) == whole(lister)
    assert all(len(batch.items) <= 40 for batch in batches)
    broken = Scripted(
        95, lambda number, _start, _cursor: Rejected("fathom") if number == 1 else None
    )
    with ahead(broken, Place(Window(NOW)), 30, 10**6) as steps, pytest.raises(Rejected):
        list(steps)


def test_ahead_stops_fetching_when_nobody_takes():
    lister = Scripted(5000)
    with ahead(lister, Place(Window(NOW)), 20, 10**6) as steps:
        next(steps)
    assert len(lister.asked) < 20


@pytest.fixture
def fathom(sandbox, settings, monkeypatch):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=70)
    return sandbox


@pytest.mark.django_db
def test_a_killed_sync_goes_on_from_its_page_and_adds_up(fathom):
    chloe(organization())
    account = installation()
    run, _started = sync.start_sync(account, trigger="test")
    plan = plans.make(account, run.parameters, timezone.now())
    client = FathomClient(account)
    accounts.lists_with(account, client.key)
    first = next(walk(client, plan.place))
    stored = storing.store(account, first.items, first.asked_at)
    listing.note(account, run.pk, first.items)
    place = {**sync.replace(plan, place=first.place).as_json(), "key": account.listing_key}
    # As the worker left it: the first page committed with its counts, and then no more.
    Run.objects.filter(pk=run.pk).update(
        checkpoint=place,
        counts={"processed": 10, "pages": 1},
        outcomes=dict(stored.outcomes),
        attempts=1,
    )
    free_the_quota()
    fathom.forget()
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == (Run.State.SUCCEEDED, "")
    assert run.counts["processed"] == 70 == sum(run.outcomes.values())
    assert len([row for row in fathom.journal("fathom") if "/meetings" in row["path"]]) == 6
    assert FathomMeeting.objects.count() == 70
    assert Call.objects.count() == run.outcomes["imported"]
    assert FathomAccount.objects.get(pk=account.pk).watermark == plan.began
    assert run.evidence["ledger"]["at_vendor"] == 70

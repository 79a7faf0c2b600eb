"""Trying aliases out: what it predicts is what saving does, and nothing of it stays or leaves."""

import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from calls.models import Call
from core.models import AuditEvent
from crm import services
from crm.models import RepAlias, SalesRep
from fathom_sync.meetings import unmatched
from fathom_sync.models import FathomMeeting, LedgerDay
from tests.fathom_sync.cast import (
    CHLOE,
    CHLOES_ALIAS,
    chloe,
    own_account,
    point_at,
    recorded_by,
    synced,
)
from tests.support.people import assert_error, client_of
from tests.support.world import World

PATH = "/api/fathom/matching/simulate"
MILAN = "milan.devries@example.com"


@pytest.fixture
def northwind(db):
    return World()


@pytest.fixture
def reps(northwind, sandbox, settings, monkeypatch):
    """Chloe, with an alias, and Clara, who has nothing; all that Fathom has was fetched."""
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=80)
    first = chloe(northwind.organization, aliases=[CHLOES_ALIAS])
    second = services.create_rep(
        organization=northwind.organization, name="Clara", email="clara@example.com"
    )
    synced(own_account(northwind.organization, key="koppel-demo.fathom-key_0001"))
    return {"chloe": first, "clara": second}


def holders():
    return dict(FathomMeeting.objects.values_list("recording_id", "call__rep_id"))


def everything():
    tables = (RepAlias, FathomMeeting, Call, LedgerDay, SalesRep, AuditEvent)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def change_of(was, will):
    if was == will:
        return "unchanged"
    if was is None:
        return "gained"
    return "lost" if will is None else "changed"


WISHES = {
    "an address of nobody's": {"clara": [MILAN]},
    "an alias that is given up": {"chloe": []},
    "an alias that is another's now": {"chloe": [], "clara": [CHLOES_ALIAS.upper()]},
    "a new address and the alias kept": {"chloe": [CHLOES_ALIAS, MILAN]},
    "nothing new": {"chloe": [CHLOES_ALIAS], "clara": []},
}


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_it_predicts_what_saving_does(wish, northwind, reps, django_capture_on_commit_callbacks):
    client = client_of(northwind.users["CEO"])
    kept, before = everything(), holders()
    with django_capture_on_commit_callbacks() as callbacks:
        body = client.post(
            PATH, {"aliases": {str(reps[name].pk): list(wish[name]) for name in wish}}
        ).json()
    assert callbacks == [], "nothing is queued"
    assert everything() == kept

    for name, aliases in wish.items():
        saved = client.patch(f"/api/crm/reps/{reps[name].pk}", {"aliases": list(aliases)})
        assert saved.status_code == 200
        unmatched.look_again(reps[name].pk)
    after = holders()
    done = Counter(change_of(before[key], after[key]) for key in before)
    predicted = {name: body[name] for name in ("gained", "lost", "changed", "unchanged")}
    assert predicted == {name: done[name] for name in predicted}
    assert all(example["change"] != "unchanged" for example in body["examples"])
    assert len(body["examples"]) == min(10, len(before) - done["unchanged"])


def test_giving_an_alias_up_loses_nothing_and_a_new_address_gains_what_waits(
    northwind, reps, sandbox
):
    client = client_of(northwind.users["CEO"])
    body = client.post(PATH, {"aliases": {str(reps["chloe"].pk): []}}).json()
    assert (body["gained"], body["lost"], body["changed"], body["examples"]) == (0, 0, 0, [])
    body = client.post(PATH, {"aliases": {str(reps["clara"].pk): [MILAN]}}).json()
    assert body["gained"] == len(recorded_by(sandbox, MILAN)) > 0
    assert {example["toRepId"] for example in body["examples"]} == {str(reps["clara"].pk)}


@pytest.mark.parametrize("taken", [CHLOE, CHLOES_ALIAS])
def test_what_saving_refuses_is_refused_in_the_same_words(taken, northwind, reps):
    client = client_of(northwind.users["CEO"])
    before = everything()
    tried = assert_error(client.post(PATH, {"aliases": {str(reps["clara"].pk): [taken]}}), 400)
    saved = assert_error(
        client.patch(f"/api/crm/reps/{reps['clara'].pk}", {"aliases": [taken]}), 400
    )
    assert tried["fields"] == saved["fields"]
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_it_gives_way_to_whoever_has_the_rep(northwind):
    client = client_of(northwind.users["CEO"])
    has_it, over = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            SalesRep.objects.select_for_update().get(pk=northwind.rep.pk)
            has_it.set()
            over.wait()
        connection.close()

    holding = threading.Thread(target=hold)
    holding.start()
    has_it.wait()
    try:
        assert_error(client.post(PATH, {"aliases": {str(northwind.rep.pk): [MILAN]}}), 409, "busy")
    finally:
        over.set()
        holding.join()
    assert client.post(PATH, {"aliases": {str(northwind.rep.pk): [MILAN]}}).status_code == 200
    assert not RepAlias.objects.filter(normalized=MILAN).exists()

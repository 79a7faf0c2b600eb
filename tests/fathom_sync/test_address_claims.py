"""A CEO takes nobody else's meetings by claiming addresses, and learns nothing of them either."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from calls.models import Call
from core.models import AuditEvent, Incident, Run
from core.signin import roles
from crm import services
from crm.models import AddressGrant, RepAlias
from crm.services import claims
from fathom_sync import accounts
from fathom_sync.ledger import days
from fathom_sync.meetings import pages, storing, unmatched
from fathom_sync.models import FathomMeeting, LedgerDay, ListedDay
from fathom_sync.syncs import plans
from sandbox.vendors.fathom import DEMO_KEYS
from tests.fathom_sync.cast import installation
from tests.fathom_sync.test_walls import meeting
from tests.support.people import client_of, organization, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db
LEFT = "left@north.example"
NOBODYS = "nobody@bystander.example"
REPS = "/api/crm/reps"


def the_account_shows(*payloads):
    """What the account of the installation shows."""
    items = [pages.item(json.dumps(payload).encode()) for payload in payloads]
    storing.store(accounts.installation(), items, timezone.now())


@pytest.fixture
def north(db):
    """A rep of theirs has left, and their last meetings wait."""
    world = World("North", prefix="n", granted=["north.example", "example.com"])
    left = services.create_rep(organization=world.organization, name="Left", email=LEFT)
    services.archive_rep(rep=left)
    world.left = left
    return world


@pytest.fixture
def thief(north):
    """The CEO of an organization that staff granted one domain."""
    return World("Thief", prefix="t", granted=["example.com"])


@pytest.fixture
def after_commit(django_capture_on_commit_callbacks):
    """What a request leaves to be done after its transaction is done."""

    def work(act):
        with django_capture_on_commit_callbacks(execute=True):
            answer = act()
        for rep_id in RepAlias.objects.values_list("rep_id", flat=True).distinct():
            unmatched.look_again(rep_id)
        return answer

    return work


def ceo(world):
    return client_of(world.users["CEO"])


def rows(**values):
    return sorted(
        FathomMeeting.objects.filter(**values).values_list(
            "organization__name", "outcome", "reason"
        )
    )


def everything():
    return list(FathomMeeting.objects.order_by("pk").values()), list(
        Call.objects.order_by("pk").values()
    )


def test_a_rep_with_an_archived_reps_address_takes_no_meeting_of_another_organization(
    north, thief, after_commit
):
    the_account_shows(*(meeting(LEFT, number=number) for number in range(1, 17)))
    before = everything()
    assert rows() == [("North", "skipped", "rep_archived")] * 16
    answer = after_commit(lambda: ceo(thief).post(REPS, {"name": "Mine now", "email": LEFT}))
    assert answer.status_code == 201
    assert answer.json()["waitingAddresses"] == [LEFT]
    the_account_shows(meeting(LEFT, number=99))
    assert rows(recording_id="99") == [("North", "skipped", "rep_archived")]
    FathomMeeting.objects.filter(recording_id="99").delete()
    assert everything() == before


def test_further_aliases_take_no_meeting_of_nobodys_and_say_nothing_of_them(
    north, thief, after_commit
):
    the_account_shows(*(meeting(NOBODYS, number=number) for number in range(1, 34)))
    before = everything()
    path = f"{REPS}/{thief.rep.pk}"
    answer = after_commit(
        lambda: ceo(thief).patch(path, {"aliases": ["aliast@example.com", NOBODYS]})
    )
    assert answer.json()["waitingAddresses"] == [NOBODYS]
    assert everything() == before
    assert ceo(thief).get("/api/fathom/unmatched").json()["results"] == []


@pytest.mark.parametrize(
    "address", [LEFT, "repn@example.net", NOBODYS, "nowhere@bystander.example"]
)
def test_simulating_says_of_every_address_that_is_not_granted_the_same(address, north, thief):
    the_account_shows(
        meeting(NOBODYS, number=1), meeting(LEFT, number=2), meeting("repn@example.net", number=3)
    )
    body = {"aliases": {str(thief.rep.pk): ["aliast@example.com", address]}}
    answer = ceo(thief).post("/api/fathom/matching/simulate", body).json()
    counts = {name: answer[name] for name in ("gained", "lost", "changed", "unchanged", "examples")}
    assert counts == {"gained": 0, "lost": 0, "changed": 0, "unchanged": 0, "examples": []}


def test_a_sync_of_ones_own_asks_the_shared_account_for_no_address_that_waits(north, thief):
    services.add_alias(rep=thief.rep, address=NOBODYS)
    wanted = plans.make(
        installation(), {"rep": str(thief.rep.pk), "hours": 24}, thief.rep.created_at
    )
    assert wanted.lists == (("aliast@example.com", "rept@example.com"),)
    own = accounts.account_for(thief.organization)
    assert (
        NOBODYS
        in plans.make(own, {"rep": str(thief.rep.pk), "hours": 24}, thief.rep.created_at).lists[0]
    )


def test_a_claim_that_waits_makes_no_address_of_another_ambiguous(north, thief, after_commit):
    after_commit(lambda: ceo(thief).post(REPS, {"name": "Her too", "email": "alive@north.example"}))
    alive = services.create_rep(
        organization=north.organization, name="Alive", email="alive@north.example"
    )
    the_account_shows(meeting("alive@north.example"))
    assert Call.objects.get().rep_id == alive.pk
    assert not Incident.objects.filter(
        organization_id=north.organization.pk, closed_at=None
    ).exists()


def test_staff_are_told_of_what_waits_and_what_they_grant_brings_the_meetings(
    north, thief, after_commit
):
    the_account_shows(meeting(NOBODYS, number=1))
    after_commit(lambda: services.add_alias(rep=thief.rep, address=NOBODYS))
    incident = Incident.objects.get(closed_at=None)
    assert (incident.organization_id, incident.affected) == (None, [NOBODYS])
    ops = staff()
    after_commit(
        lambda: services.grant(
            organization=thief.organization, value="Bystander.EXAMPLE", actor=ops
        )
    )
    assert Call.objects.get().rep_id == thief.rep.pk
    assert not Incident.objects.filter(closed_at=None).exists()
    assert ceo(thief).get(f"{REPS}/{thief.rep.pk}").json()["waitingAddresses"] == []
    event = AuditEvent.objects.get(action="address.granted", actor_id=ops.pk)
    assert event.facts == {"value": "bystander.example", "counting": [NOBODYS]}


def test_what_is_taken_back_waits_again_and_the_calls_stay(north, thief, after_commit):
    given = services.grant(organization=thief.organization, value=NOBODYS)
    after_commit(lambda: services.add_alias(rep=thief.rep, address=NOBODYS))
    the_account_shows(meeting(NOBODYS, number=1))
    after_commit(lambda: services.withdraw_grant(grant=given, actor=staff()))
    the_account_shows(meeting(NOBODYS, number=2), meeting("rept@example.com", number=3))
    assert rows(recording_id="2") == [(None, "skipped", "no_rep")]
    assert Call.objects.filter(rep=thief.rep).count() == 2
    assert RepAlias.objects.get(is_waiting=True).normalized == NOBODYS


def test_an_address_that_counts_in_two_organizations_is_nobodys_and_both_are_told(
    north, thief, after_commit
):
    the_account_shows(meeting(LEFT, number=1, title="Before"))
    services.grant(organization=thief.organization, value=LEFT)
    claimed = after_commit(
        lambda: services.create_rep(
            organization=thief.organization, name="Works here now", email=LEFT
        )
    )
    the_account_shows(meeting(LEFT, number=2, title="Whose is it"))
    # What one has stays there; the next is nobody's, and waits in the queue and the ledger of both.
    assert rows(recording_id="1") == [("North", "skipped", "rep_archived")]
    assert rows(recording_id="2") == [
        ("North", "skipped", "ambiguous"),
        ("Thief", "skipped", "ambiguous"),
    ]
    listed(FathomMeeting.objects.first().day, ["1", "2"])
    for world, rep in ((north, north.left), (thief, claimed)):
        [waiting] = ceo(world).get("/api/fathom/unmatched?reason=ambiguous").json()["results"]
        assert (waiting["title"], waiting["recorderName"], waiting["recorder"]) == ("", "", LEFT)
        day = LedgerDay.objects.get(rep=rep)
        assert day.skipped["ambiguous"] == 1
        assert Incident.objects.get(
            organization_id=world.organization.pk, closed_at=None
        ).affected == [LEFT]
        page = page_of(world, "/settings/fathom/sync")
        assert "Whose is it" not in page
    assert not Call.objects.exists()


def listed(day, names):
    """The shared account's list of a day, as a check has walked it."""
    account = accounts.installation()
    accounts.save(account, api_key=DEMO_KEYS[0], actor="a test")
    ListedDay.objects.create(
        account=account, day=day, key=account.listing_key, names=names, walked_at=timezone.now()
    )
    days.recount({day})


def page_of(world, path):
    client = Client()
    client.force_login(world.users["CEO"], backend="core.signin.Backend")
    return client.get(path).content.decode()


def test_when_one_gives_the_address_up_the_other_has_the_meetings_and_the_incidents_close(
    north, thief, after_commit
):
    services.grant(organization=thief.organization, value="both@north.example")
    ours = after_commit(
        lambda: services.create_rep(
            organization=north.organization, name="B", email="both@north.example"
        )
    )
    theirs = services.create_rep(organization=thief.organization, name="B", email="b@example.com")
    after_commit(lambda: services.add_alias(rep=theirs, address="both@north.example"))
    the_account_shows(
        *(meeting("both@north.example", number=number, title="Deal") for number in range(1, 4))
    )
    assert len(rows(reason="ambiguous")) == 6
    assert Incident.objects.filter(closed_at=None).count() == 2
    after_commit(lambda: services.remove_alias(rep=theirs, address="both@north.example"))
    assert rows() == [("North", "imported", "")] * 3
    assert set(Call.objects.values_list("rep", "title")) == {(ours.pk, "Deal")}
    assert not Incident.objects.filter(closed_at=None).exists()


def test_what_two_claim_is_given_by_neither_of_them(north, thief):
    services.grant(organization=thief.organization, value="repn@example.com")
    services.add_alias(rep=thief.rep, address="repn@example.com")
    the_account_shows(meeting("repn@example.com"))
    for world in (north, thief):
        [row] = ceo(world).get("/api/fathom/unmatched").json()["results"]
        answer = ceo(world).post(
            "/api/fathom/unmatched/assign", {"ids": [row["id"]], "repId": str(world.rep.pk)}
        )
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == ["ids"]
    assert not Call.objects.exists()
    row = FathomMeeting.objects.get(organization=north.organization)
    body = {"ids": [str(row.pk)], "repId": str(north.rep.pk)}
    assert client_of(staff()).post("/api/fathom/unmatched/assign", body).status_code == 200
    assert rows() == [("North", "imported", "")]


def test_where_there_is_one_organization_alone_nothing_needs_granting():
    alone = World("Alone", granted=[])
    assert services.add_alias(rep=alone.rep, address="any@where.example").is_waiting is False
    organization("Second")
    assert services.add_alias(rep=alone.rep, address="more@where.example").is_waiting is True
    # What counted goes on counting, however it is spelled from now on.
    services.update_rep(rep=alone.rep, email="ANY@where.example", aliases=[])
    assert list(RepAlias.objects.filter(rep=alone.rep).values_list("address", "is_waiting")) == [
        ("ANY@where.example", False)
    ]


def test_an_organizations_own_account_knows_all_its_addresses(north, thief):
    services.add_alias(rep=thief.rep, address=NOBODYS)
    own = accounts.account_for(thief.organization)
    storing.store_pushed(own, json.dumps(meeting(NOBODYS)).encode())
    assert Call.objects.get().rep_id == thief.rep.pk


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("gmail.com", "each address"),
        ("GMAIL.com", "each address"),
        ("nonsense", "neither"),
        ("a@b", "not an e-mail"),
    ],
)
def test_what_cannot_be_granted_is_refused_in_words(value, words):
    north = organization(granted=[])
    with pytest.raises(ValidationError, match=words):
        services.grant(organization=north, value=value)
    services.grant(organization=north, value="ada@gmail.com")
    with pytest.raises(ValidationError, match="already"):
        services.grant(organization=north, value="ADA@gmail.com")


def test_every_change_of_addresses_is_audited_with_who_made_it(north, thief):
    client, boss = ceo(thief), thief.users["CEO"]
    made = client.post(REPS, {"name": "N", "email": "n@example.com", "aliases": [NOBODYS]}).json()
    client.patch(f"{REPS}/{made['id']}", {"aliases": ["m@example.com"]})
    client.patch(f"{REPS}/{made['id']}", {"name": "M"})
    found = AuditEvent.objects.filter(action="address.changed", actor_id=boss.pk).order_by("pk")
    assert [event.facts for event in found] == [
        {"added": ["n@example.com", NOBODYS], "removed": [], "waiting": [NOBODYS]},
        {"added": ["m@example.com"], "removed": [NOBODYS], "waiting": []},
    ]


def test_staff_grant_at_the_creation_of_an_organization_and_later(north, client):
    client.force_login(staff(roles.OPERATIONS_ADMIN, "ops"), backend="core.signin.Backend")
    form = {
        "name": "Fabrikam", "tier": "TEAM",
        "address_grants-TOTAL_FORMS": "2", "address_grants-INITIAL_FORMS": "0",
        "address_grants-0-value": "Fabrikam.EXAMPLE", "address_grants-1-value": "",
        "settings-TOTAL_FORMS": "0", "settings-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert client.post("/admin/crm/organization/add/", form).status_code == 302
    made = AddressGrant.objects.select_related("organization").get(value="fabrikam.example")
    assert (made.organization.name, made.granted_by.username) == ("Fabrikam", "ops")
    where = f"/admin/crm/organization/{made.organization_id}/change/"
    services.create_rep(organization=made.organization, name="F", email="f@other.example")
    assert "f@other.example" in client.get(where).content.decode()
    refused = form | {"address_grants-0-value": "gmail.com"}
    answer = client.post("/admin/crm/organization/add/", refused | {"name": "Other"})
    assert "Anybody may have an address at gmail.com" in answer.content.decode()
    gone = form | {
        "address_grants-INITIAL_FORMS": "1", "address_grants-0-id": str(made.pk),
        "address_grants-0-DELETE": "on", "address_grants-1-value": "other.example",
        "address_grants-1-organization": str(made.organization_id),
        "address_grants-0-organization": str(made.organization_id),
    }  # fmt: skip
    assert client.post(where, gone).status_code == 302
    assert list(made.organization.address_grants.values_list("value", flat=True)) == [
        "other.example"
    ]
    assert RepAlias.objects.get(normalized="f@other.example").is_waiting is False
    actions = AuditEvent.objects.filter(organization_id=made.organization_id).values_list(
        "action", flat=True
    )
    assert {"address.granted", "address.grant_withdrawn", "tier.changed"} <= set(actions)


def test_a_look_that_was_lost_is_made_up_for(north, thief):
    services.grant(organization=thief.organization, value=LEFT)
    services.create_rep(organization=thief.organization, name="L", email=LEFT)
    services.add_alias(rep=thief.rep, address=NOBODYS)
    claims.sweep()
    concerned = set(
        Incident.objects.filter(closed_at=None).values_list("organization_id", flat=True)
    )
    assert concerned == {north.organization.pk, thief.organization.pk, None}
    services.delete_organization(organization=thief.organization, actor="test")
    claims.sweep()
    assert not Incident.objects.filter(closed_at=None).exists()
    assert not Run.objects.exists()

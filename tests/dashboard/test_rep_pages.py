"""Reps are added, changed, archived and brought back on their pages;
what addresses would do is tried out first.
"""

from typing import Any

import pytest
from django.test import Client

from core.models import AuditEvent
from crm import services
from crm.models import RepAlias, SalesRep
from fathom_sync.meetings import unmatched
from fathom_sync.models import FathomMeeting
from tests.dashboard.conftest import signed_in
from tests.fathom_sync.cast import CHLOE, own_account, point_at, synced
from tests.support import people
from tests.support.world import World

REPS = "/calls/reps"


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


def text(answer: Any) -> str:
    return answer.content.decode()


def addresses_of(rep: SalesRep) -> set[str]:
    return set(RepAlias.objects.filter(rep=rep).values_list("address", flat=True))


def test_a_rep_is_added_with_addresses_team_and_colleague(world: World, chief: Client):
    form = {
        "name": "Ada",
        "email": "ada@example.com",
        "aliases": "a.da@example.com\r\n\r\n ada@example.net ",
        "team": str(world.team.pk),
        "member": str(world.members["MANAGER"].pk),
    }
    answer = chief.post(f"{REPS}/add", form)
    made = SalesRep.objects.get(name="Ada")
    assert answer["Location"] == f"{REPS}/{made.pk}"
    assert addresses_of(made) == {"ada@example.com", "a.da@example.com", "ada@example.net"}
    assert (made.team, made.member) == (world.team, world.members["MANAGER"])


def test_what_is_wrong_with_a_rep_is_said_at_its_field(world: World, chief: Client):
    other = World("Contoso", prefix="c-")
    good = {"name": "Ada", "email": "ada@example.com"}
    wrong: list[tuple[dict[str, str], str]] = [
        ({"name": ""}, "name"),
        ({"email": "ada"}, "email"),
        ({"email": "REP@example.com"}, "email"),
        ({"aliases": "alias@example.com"}, "aliases"),
        ({"aliases": "no address"}, "aliases"),
        ({"team": str(other.team.pk)}, "team"),
        ({"member": str(other.members["CLOSER"].pk)}, "member"),
        ({"member": str(world.members["CLOSER"].pk)}, "member"),
    ]
    for form, field in wrong:
        answer = chief.post(f"{REPS}/add", good | form)
        assert list(answer.context["form"].errors) == [field], form
    assert SalesRep.objects.filter(organization=world.organization).count() == 1


def test_an_address_that_is_not_granted_waits_and_says_so_everywhere(db: None):
    own, _other = World(granted=[]), World("Contoso", prefix="c-")
    chief = signed_in(own.users["CEO"])
    chief.post(f"{REPS}/add", {"name": "Sly", "email": "repc-@example.com"})
    sly = SalesRep.objects.get(name="Sly")
    assert RepAlias.objects.get(rep=sly).is_waiting
    assert "Address waits for the agency" in text(chief.get(REPS))
    assert [rep.name for rep in chief.get(f"{REPS}?state=waiting").context["table"].rows] == ["Sly"]
    assert "No calls come in yet under" in text(chief.get(f"{REPS}/{sly.pk}"))
    page = text(chief.get(f"{REPS}/{sly.pk}/addresses"))
    assert "Waits for the agency" in page
    assert "Contoso" not in page
    tried = chief.post(
        f"{REPS}/{sly.pk}/addresses", {"what": "add", "address": "more@elsewhere.example"}
    )
    assert tried.context["proposal"].waits


def test_a_rep_is_changed_and_keeps_the_address_from_before_if_asked(world: World, chief: Client):
    address, form = (
        f"{REPS}/{world.rep.pk}/edit",
        {"name": "Rep", "email": "new@example.com", "keeps_address": "on"},
    )
    assert chief.post(address, form)["Location"] == f"{REPS}/{world.rep.pk}"
    assert addresses_of(world.rep) == {"new@example.com", "rep@example.com", "alias@example.com"}
    chief.post(address, {"name": "Rep Two", "email": "newer@example.com"})
    assert addresses_of(world.rep) == {"newer@example.com", "rep@example.com", "alias@example.com"}
    world.rep.refresh_from_db()
    assert (world.rep.name, world.rep.team, world.rep.member) == ("Rep Two", None, None)


def test_an_address_is_tried_out_before_it_is_added_or_taken_away(
    world: World, chief: Client, sandbox: Any, settings: Any, monkeypatch: Any
):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=40)
    synced(own_account(world.organization, key="koppel-demo.fathom-key_0001"))
    waiting = FathomMeeting.objects.filter(recorder=CHLOE, outcome="skipped").count()
    address = f"{REPS}/{world.rep.pk}/addresses"
    page = chief.post(address, {"what": "add", "address": CHLOE.upper()})
    assert waiting > 1
    assert f"Adds {waiting} calls, takes away 0." in text(page)
    assert addresses_of(world.rep) == {"rep@example.com", "alias@example.com"}
    assert not world.rep.calls.exists()
    chief.post(address, {"what": "add", "step": "do", "address": CHLOE})
    assert CHLOE in addresses_of(world.rep)
    unmatched.look_again(world.rep.pk)
    assert world.rep.calls.count() == waiting
    page = chief.post(address, {"what": "remove", "address": CHLOE})
    assert "Adds 0 calls, takes away 0." in text(page)
    for _tab in range(2):
        chief.post(address, {"what": "remove", "step": "do", "address": CHLOE})
    assert addresses_of(world.rep) == {"rep@example.com", "alias@example.com"}


def test_neither_their_own_address_nor_what_is_none_is_taken_for_another(
    world: World, chief: Client
):
    address = f"{REPS}/{world.rep.pk}/addresses"
    chief.post(address, {"what": "remove", "step": "do", "address": "rep@example.com"})
    assert addresses_of(world.rep) == {"rep@example.com", "alias@example.com"}
    for wrong in ("", "nobody", "a@b"):
        assert list(
            chief.post(address, {"what": "add", "address": wrong}).context["form"].errors
        ) == ["address"]


def test_archiving_says_what_becomes_of_the_calls_and_is_taken_back(world: World, chief: Client):
    _call = world.call
    address = f"{REPS}/{world.rep.pk}/archive"
    page = text(chief.get(address))
    assert "Their 1 call stays" in page
    assert "1 meeting to come stays with them" in page
    for _tab in range(2):
        assert chief.post(address, {})["Location"] == f"{REPS}/{world.rep.pk}"
    assert "This rep is archived" in text(chief.get(f"{REPS}/{world.rep.pk}"))
    assert [rep.name for rep in chief.get(f"{REPS}?state=archived").context["table"].rows] == [
        "Rep"
    ]
    assert "Bring Rep back?" in text(chief.get(address))
    chief.post(address, {"what": "restore"})
    world.rep.refresh_from_db()
    assert world.rep.archived_at is None
    acts = (
        AuditEvent.objects.filter(action__startswith="rep.")
        .order_by("sequence")
        .values_list("action", flat=True)
    )
    assert list(acts) == ["rep.archived", "rep.restored"]


@pytest.mark.parametrize("role", ["MANAGER", "CLOSER"])
def test_whoever_only_sees_a_rep_changes_nothing(world: World, role: str):
    client = signed_in(world.users[role])
    assert "Edit" not in text(client.get(f"{REPS}/{world.rep.pk}"))
    assert "Add a rep" not in text(client.get(REPS))
    assert client.post(f"{REPS}/add", {"name": "X", "email": "x@example.com"}).status_code == 403
    for act in ("edit", "addresses", "archive"):
        assert client.post(f"{REPS}/{world.rep.pk}/{act}", {}).status_code == 403


def test_staff_add_a_rep_for_the_organization_that_they_choose(world: World):
    client = signed_in(people.staff())
    assert "Choose" in text(client.get(f"{REPS}/add"))
    which = f"{REPS}/add?organization={world.organization.pk}"
    assert client.post(which, {"name": "Ada", "email": "ada@example.com"}).status_code == 302
    assert SalesRep.objects.get(name="Ada").organization == world.organization


def test_the_list_says_what_to_do_while_it_is_empty(db: None):
    chief = signed_in(people.member("CEO", people.organization()))
    assert 'href="/calls/reps/add"' in text(chief.get(REPS))


def test_many_reps_are_read_by_pages_at_the_cost_of_few(
    world: World, chief: Client, django_assert_num_queries: Any
):
    with django_assert_num_queries(7):
        chief.get(REPS)
    for number in range(60):
        services.create_rep(
            organization=world.organization, name=f"R{number:02}", email=f"r{number}@example.com"
        )
    with django_assert_num_queries(7):
        first = chief.get(REPS)
    assert len(first.context["table"].rows) == 50
    assert len(chief.get(f"{REPS}?after=50").context["table"].rows) == 11

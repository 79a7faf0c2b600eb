"""Reps and their addresses: one address, one rep of an organization, in whatever spelling,
and under a race.
"""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import addresses, events, services
from crm.models import Member, RepAlias, SalesRep
from tests.support.people import client_of, organization
from tests.support.world import World

SPELLINGS = [
    ("Ada@Example.COM", "ada@example.com"),
    ("  ada@example.com ", "ada@example.com"),
    ("JOSÉ@example.com", "josé@example.com"),
    ("jose\u0301@example.com", "josé@example.com"),
    ("STRASSE@example.com", "strasse@example.com"),
    ("straße@example.com", "strasse@example.com"),
    ("ａｄａ@example.com", "ada@example.com"),
    ("info@MÜNCHEN.de", "info@xn--mnchen-3ya.de"),
    ("info@xn--mnchen-3ya.de", "info@xn--mnchen-3ya.de"),
    ("a+tag@example.com.", "a+tag@example.com"),
]


@pytest.mark.parametrize(("typed", "normalized"), SPELLINGS)
def test_every_spelling_is_one_address(typed, normalized):
    assert addresses.normalize(typed) == normalized
    assert addresses.normalize(normalized) == normalized


@pytest.mark.parametrize(
    "text",
    ["", "@", "a@", "@b.com", "a b@c.com", "a@b", "a@b@c.com", "a@-.com", "a\u202e@b.com",
     "a" * 250 + "@b.com",
     "a@..com", "a<b>@c.com", "a@b..com", "\x00@b.com", "a@" + "b" * 64 + ".com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValidationError):
        addresses.normalize(text)


@given(st.text(max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_text_is_one_address_or_none_and_never_a_fault(text):
    try:
        once = addresses.normalize(f"{text}@example.com")
    except ValidationError:
        return
    assert addresses.normalize(once) == once


@pytest.mark.django_db
def test_an_address_means_one_rep_of_an_organization_and_may_mean_another_elsewhere():
    world = World()
    for taken in ("REP@example.com", "alias@EXAMPLE.com"):
        with pytest.raises(ValidationError) as refused:
            services.create_rep(organization=world.organization, name="B", email=taken)
        assert list(refused.value.message_dict) == ["email"]
        with pytest.raises(ValidationError) as refused:
            services.create_rep(
                organization=world.organization, name="B", email="b@example.com", aliases=[taken]
            )
        assert list(refused.value.message_dict) == ["aliases"]
    assert SalesRep.objects.count() == 1
    services.create_rep(organization=organization("Contoso"), name="B", email="rep@example.com")
    assert RepAlias.objects.filter(normalized="rep@example.com").count() == 2


@pytest.mark.django_db
def test_the_answer_is_the_contracts(django_assert_num_queries):
    world = World()
    client = client_of(world.users["CEO"])
    assert client.get(f"/api/crm/reps/{world.rep.pk}").json() == {
        "id": str(world.rep.pk),
        "organizationId": str(world.organization.pk),
        "name": "Rep",
        "email": "rep@example.com",
        "aliases": ["alias@example.com"],
        "waitingAddresses": [],
        "teamId": str(world.team.pk),
        "memberId": str(world.members["CLOSER"].pk),
        "archivedAt": None,
        "callCount": 0,
        "lastCallAt": None,
    }


@pytest.mark.django_db
def test_a_rep_is_archived_brought_back_and_gets_no_meetings_meanwhile(
    django_capture_on_commit_callbacks,
):
    world, changed = World(), []

    def listen(rep_id, **_facts):
        changed.append(rep_id)

    events.rep_changed.connect(listen)
    client = client_of(world.users["CEO"])
    path = f"/api/crm/reps/{world.rep.pk}"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(path).status_code == 204
    assert client.delete(path).status_code == 204
    assert client.get("/api/crm/reps?archived=true").json()["results"][0]["archivedAt"] is not None
    assert client.get("/api/crm/reps?archived=false").json()["results"] == []
    with pytest.raises(ValidationError, match="archived"):
        world.book(closer=world.members["CLOSER"])
    assert client.patch(path, {"archivedAt": None}).json()["archivedAt"] is None
    world.book(closer=world.members["CLOSER"])
    assert changed == [world.rep.pk]
    events.rep_changed.disconnect(listen)


@pytest.mark.django_db
def test_aliases_are_replaced_added_and_removed_and_the_own_address_stays():
    world = World()
    rep = services.update_rep(
        rep=world.rep, aliases=["X@example.com", "x@EXAMPLE.com", "REP@example.com"]
    )
    assert sorted(rep.addresses.values_list("normalized", "is_main")) == [
        ("rep@example.com", True),
        ("x@example.com", False),
    ]
    services.add_alias(rep=rep, address="y@example.com")
    services.add_alias(rep=rep, address="Y@example.com")
    assert services.remove_alias(rep=rep, address="x@example.com")
    assert not services.remove_alias(rep=rep, address="rep@example.com")
    services.update_rep(rep=rep, email="y@example.com")
    assert list(rep.addresses.values_list("normalized", "is_main")) == [("y@example.com", True)]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_one_alias_to_two_reps_at_once_one_is_told_so():
    of = organization()
    reps = [
        services.create_rep(organization=of, name=str(n), email=f"{n}@example.com")
        for n in range(8)
    ]
    gate, outcomes = threading.Barrier(8), []

    def add(rep):
        gate.wait()
        try:
            services.add_alias(rep=rep, address="one@example.com")
            outcomes.append("added")
        except ValidationError as error:
            outcomes.append(next(iter(error.message_dict)))
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=(rep,)) for rep in reps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added"] + ["aliases"] * 7
    assert RepAlias.objects.filter(normalized="one@example.com").count() == 1


@pytest.mark.django_db
def test_a_member_is_one_rep_at_most():
    world = World()
    with pytest.raises(ValidationError, match="rep already"):
        services.create_rep(
            organization=world.organization,
            name="B",
            email="b@example.com",
            member=world.members["CLOSER"],
        )
    assert Member.objects.get(pk=world.members["CLOSER"].pk).reps.count() == 1

"""Meetings that wait: they move into the library when a rep or an alias comes,
without one request to Fathom.
"""

import pytest
from django.core.exceptions import ValidationError

from calls.models import Call
from core.models import AuditEvent
from crm import services
from fathom_sync.meetings import assigning, unmatched
from fathom_sync.models import FathomMeeting
from tests.fathom_sync.cast import (
    CHLOE,
    CHLOES_ALIAS,
    chloe,
    installation,
    point_at,
    recorded_by,
    synced,
)
from tests.support.people import organization, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=120)
    synced(installation())
    sandbox.forget()
    yield sandbox
    assert sandbox.journal("fathom") == []


@pytest.fixture
def northwind():
    return organization()


@pytest.fixture
def after_commit(django_capture_on_commit_callbacks):
    """What the change queues is worked when its transaction is over."""

    def work(change):
        with django_capture_on_commit_callbacks(execute=True):
            rep = change()
        unmatched.look_again(rep.pk)
        return rep

    return work


def of(**values):
    return set(Call.objects.filter(**values).values_list("external_id", flat=True))


def test_a_new_rep_gets_the_meetings_that_waited_for_them(fathom, northwind, after_commit):
    rep = after_commit(lambda: chloe(northwind))
    assert of(rep=rep) == recorded_by(fathom, CHLOE)
    fathom.forget()
    rows = FathomMeeting.objects.filter(recorder=CHLOE)
    assert set(rows.values_list("outcome", "rep", "organization", "raw")) == {
        ("imported", rep.pk, northwind.pk, None)
    }
    rep.refresh_from_db()
    assert rep.call_count == rows.count()


def test_a_new_alias_brings_its_meetings_and_working_it_twice_changes_nothing(
    fathom, northwind, after_commit
):
    rep = after_commit(lambda: chloe(northwind))
    alias = f" {CHLOES_ALIAS.upper()} "
    after_commit(lambda: services.add_alias(rep=rep, address=alias).rep)
    expected = recorded_by(fathom, CHLOE, CHLOES_ALIAS)
    fathom.forget()
    assert of(rep=rep) == expected
    before = list(Call.objects.order_by("pk").values())
    assert unmatched.look_again(rep.pk) == {}
    assert list(Call.objects.order_by("pk").values()) == before


def test_nothing_is_lost_when_a_rep_leaves_and_their_meetings_come_when_they_are_back(
    fathom, northwind, after_commit
):
    rep = after_commit(lambda: chloe(northwind))
    at_first = of(rep=rep)
    after_commit(lambda: services.archive_rep(rep=rep))
    assert of(rep=rep) == at_first
    after_commit(lambda: services.update_rep(rep=rep, aliases=[CHLOES_ALIAS]))
    assert of(rep=rep) == at_first
    waiting = FathomMeeting.objects.filter(recorder=CHLOES_ALIAS)
    assert set(waiting.values_list("outcome", "reason", "rep")) == {
        ("skipped", "rep_archived", rep.pk)
    }
    after_commit(lambda: services.restore_rep(rep=rep))
    assert set(waiting.values_list("outcome", flat=True)) == {"imported"}
    assert len(of(rep=rep)) == len(at_first) + waiting.count()


def test_an_address_of_two_organizations_waits_until_one_gives_it_up(northwind, after_commit):
    other = organization("Contoso Growth")
    services.create_rep(organization=other, name="Chloe Elsewhere", email=CHLOE)
    rep = after_commit(lambda: chloe(northwind))
    rows = FathomMeeting.objects.filter(recorder=CHLOE)
    assert set(rows.values_list("outcome", "reason")) == {("skipped", "ambiguous")}
    assert not Call.objects.exists()
    # Somebody who has left may still have recorded them.
    after_commit(lambda: services.archive_rep(rep=rep))
    assert set(rows.values_list("outcome", "reason")) == {("skipped", "ambiguous")}
    after_commit(lambda: services.update_rep(rep=rep, email="chloe@elsewhere.example"))
    assert set(rows.values_list("outcome", "organization")) == {("imported", other.pk)}


def test_an_alias_that_moves_within_the_organization_takes_its_calls_along_and_locked_ones_stay(
    northwind, after_commit
):
    first = after_commit(lambda: chloe(northwind, aliases=[CHLOES_ALIAS]))
    locked = (
        Call.objects.filter(participants__email=CHLOES_ALIAS).first()
        or Call.objects.filter(
            external_id__in=FathomMeeting.objects.filter(recorder=CHLOES_ALIAS).values(
                "recording_id"
            )
        ).first()
    )
    Call.objects.filter(pk=locked.pk).update(match_locked=True)
    after_commit(lambda: services.update_rep(rep=first, aliases=[]))
    second = after_commit(
        lambda: services.create_rep(organization=northwind, name="Clara Martin", email=CHLOES_ALIAS)
    )
    moved = FathomMeeting.objects.filter(recorder=CHLOES_ALIAS).exclude(call=locked.pk)
    assert set(moved.values_list("call__rep", flat=True)) == {second.pk}
    locked.refresh_from_db()
    assert locked.rep_id == first.pk
    for rep in (first, second):
        rep.refresh_from_db()
        assert rep.call_count == Call.objects.filter(rep=rep).count()


def test_a_call_never_follows_its_address_into_another_organization(northwind, after_commit):
    first = after_commit(lambda: chloe(northwind))
    at_first = of(rep=first)
    after_commit(lambda: services.update_rep(rep=first, email="chloe@elsewhere.example"))
    other = organization("Contoso Growth")
    second = after_commit(
        lambda: services.create_rep(organization=other, name="Chloe Elsewhere", email=CHLOE)
    )
    assert of(rep=first, organization=northwind) == at_first
    assert of(rep=second) == set()


def test_given_by_hand_it_is_locked_and_audited(northwind, after_commit):
    rep = after_commit(lambda: chloe(northwind))
    before = Call.objects.count()
    chosen = list(FathomMeeting.objects.filter(outcome="skipped", reason="no_rep")[:2])
    ceo = person("boss")
    assert assigning.assign(chosen, rep, remember=False, actor=ceo).calls == 2
    calls = Call.objects.filter(external_id__in=[meeting.recording_id for meeting in chosen])
    assert set(calls.values_list("rep", "match_locked")) == {(rep.pk, True)}
    assert Call.objects.count() == before + 2
    rep.refresh_from_db()
    assert rep.call_count == before + 2
    assert AuditEvent.objects.filter(action="meeting.assigned").count() == 1
    assert assigning.assign(chosen, rep, remember=False, actor=ceo).calls == 2
    assert Call.objects.count() == before + 2


def test_remembered_the_others_of_the_address_follow(northwind, after_commit):
    rep = after_commit(lambda: chloe(northwind))
    [chosen] = FathomMeeting.objects.filter(recorder=CHLOES_ALIAS)[:1]

    def give():
        assigning.assign([chosen], rep, remember=True, actor=person("boss"))
        return rep

    after_commit(give)
    assert set(
        FathomMeeting.objects.filter(recorder=CHLOES_ALIAS).values_list("outcome", "rep")
    ) == {("imported", rep.pk)}


@pytest.mark.parametrize("whose", ["another's", "archived", "the rep has left"])
def test_what_cannot_be_remembered_is_said_in_words_of_that_form_and_nothing_is_done(
    whose, northwind, after_commit
):
    rep = after_commit(lambda: chloe(northwind))
    if whose != "the rep has left":
        clara = services.create_rep(organization=northwind, name="Clara", email=CHLOES_ALIAS)
    if whose == "archived":
        services.archive_rep(rep=clara)
    if whose == "the rep has left":
        rep = services.archive_rep(rep=rep)
    [chosen] = FathomMeeting.objects.filter(recorder=CHLOES_ALIAS)[:1]
    calls = Call.objects.count()
    with pytest.raises(ValidationError) as refused:
        assigning.assign([chosen], rep, remember=True, actor=person("boss"))
    assert list(refused.value.message_dict) == ["remember"]
    assert "Remember the address" in refused.value.messages[0]
    assert Call.objects.count() == calls
    chosen.refresh_from_db()
    assert chosen.outcome == "skipped"


def test_the_sweep_finds_what_a_lost_message_left(northwind):
    rep = chloe(northwind)
    assert of(rep=rep) == set()
    unmatched.sweep()
    assert len(of(rep=rep)) == FathomMeeting.objects.filter(recorder=CHLOE).count() > 0

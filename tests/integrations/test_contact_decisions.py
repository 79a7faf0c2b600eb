"""One record of the vendor, what was last seen and ours: what becomes of it, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.contacts.deciding import (
    Conflict,
    Create,
    Fail,
    Known,
    Ours,
    Skip,
    Theirs,
    Unchanged,
    Update,
    decide,
)
from integrations.contacts.mapping import Fields, Mapped

EARLIER = datetime(2026, 11, 1, 12, tzinfo=UTC)
LATER = EARLIER + timedelta(hours=1)
ADA = {"name": "Ada", "email": "ada@x.example", "phone": "1", "company": "Acme"}


def fields(rule="newest", direction="both"):
    return Fields(tuple(Mapped(name, f"their_{name}", direction, rule) for name in ADA))


def theirs(**changes):
    return Theirs("7", {**ADA, **changes}, LATER)


def ours(*, changed_at=EARLIER, is_taken=False, **changes):
    return Ours({**ADA, **changes}, changed_at, is_taken)


def known(**more):
    return Known(**{"ours": dict(ADA), "theirs": dict(ADA), "changed_at": EARLIER, **more})


CASES = {
    "nobody is like that": (theirs(), None, None, "newest", Create, ADA),
    "a name is missing and the address stands for it": (
        theirs(name=""), None, None, "newest", Create, {**ADA, "name": "ada@x.example"},
    ),
    "neither name nor address": (theirs(name="", email=""), None, None, "newest", Fail, "no_name"),
    "an id that is none": (Theirs("", ADA), None, None, "newest", Fail, "odd_id"),
    "an id with a NUL in it": (Theirs("7\x00", ADA), None, None, "newest", Fail, "odd_id"),
    "deleted at the vendor": (
        Theirs("7", {}, None, is_deleted=True), known(), ours(), "newest", Skip, "deleted_there",
    ),
    "another record is theirs": (theirs(), None, ours(is_taken=True), "newest", Skip, "duplicate"),
    "somebody deleted them in Koppel": (theirs(phone="2"), known(), None, "newest", Skip,
                                        "deleted_in_koppel"),
    "gone at the vendor, deleted in Koppel, back": (theirs(), known(is_gone=True), None, "newest",
        Create, ADA),
    "nothing changed": (theirs(), known(), ours(), "newest", Unchanged, None),
    "changed there": (theirs(phone="2"), known(), ours(), "ours", Update, {"phone": "2"}),
    "taken away there": (theirs(phone=""), known(), ours(), "ours", Update, {"phone": ""}),
    "a name is never taken away": (theirs(name="", email=""), known(), ours(), "theirs", Unchanged,
                                   None),
    "changed in Koppel": (theirs(), known(), ours(phone="2"), "theirs", Unchanged, None),
    "taken away in Koppel": (theirs(), known(), ours(phone=""), "theirs", Unchanged, None),
    "both came to the same": (theirs(phone="2"), known(), ours(phone="2"), "ask", Unchanged, None),
    "both changed it: ours": (theirs(phone="2"), known(), ours(phone="3"), "ours", Unchanged, None),
    "both changed it: theirs": (theirs(phone="2"), known(), ours(phone="3"), "theirs", Update,
                                {"phone": "2"}),
    "both changed it: theirs is newer": (
        theirs(phone="2"), known(), ours(phone="3"), "newest", Update, {"phone": "2"},
    ),
    "both changed it: ours is newer": (
        theirs(phone="2"), known(), ours(phone="3", changed_at=LATER + timedelta(1)), "newest",
        Unchanged, None,
    ),
    "both changed it, nobody knows when": (
        Theirs("7", {**ADA, "phone": "2"}), known(), ours(phone="3"), "newest", Conflict,
        {"phone": ("3", "2")},
    ),
    "both changed it: ask": (
        theirs(phone="2"), known(), ours(phone="3"), "ask", Conflict, {"phone": ("3", "2")},
    ),
    "met for the first time, alike": (theirs(), None, ours(), "ask", Unchanged, None),
    "met for the first time, a gap of ours": (theirs(), None, ours(phone=""), "ask", Update,
        {"phone": "1"}),
    "met for the first time, a gap of theirs": (theirs(phone=""), None, ours(), "theirs", Unchanged,
        None),
    "met for the first time, different": (
        theirs(company="Umbra"), None, ours(), "ask", Conflict, {"company": ("Acme", "Umbra")},
    ),
    "what we wrote, spelled as they do": (
        theirs(phone="+31 6-12"), known(theirs={**ADA, "phone": "+31612"},
                                        ours={**ADA, "phone": "+31612"},
        awaits_echo=True), ours(phone="+31612"), "theirs", Unchanged, None,
    ),
    "what we wrote, cut off": (
        theirs(company="A company with a long"),
        known(theirs={**ADA, "company": "A company with a long name"},
              ours={**ADA, "company": "A company with a long name"}, awaits_echo=True),
        ours(company="A company with a long name"), "theirs", Unchanged, None,
    ),
    "edited there after we wrote": (
        theirs(phone="9"), known(theirs={**ADA, "phone": "2"}, ours={**ADA, "phone": "2"},
                                 awaits_echo=True),
        ours(phone="2"), "ours", Update, {"phone": "9"},
    ),
    "the list is late and shows what was before we wrote": (
        Theirs("7", ADA, EARLIER), known(theirs={**ADA, "phone": "2"}, ours={**ADA, "phone": "2"},
        awaits_echo=True, replaced={"phone": "1"}), ours(phone="2"), "theirs", Unchanged, None,
    ),
    "edited there after we wrote, and its time of a change stands still": (
        Theirs("7", {**ADA, "company": "Umbra"}, EARLIER), known(theirs={**ADA, "phone": "2"},
        ours={**ADA, "phone": "2"}, awaits_echo=True, replaced={"phone": "1"}), ours(phone="2"),
        "ours",
        Update, {"company": "Umbra"},
    ),
    "it has what it had before we wrote": (
        Theirs("7", ADA, LATER), known(theirs={**ADA, "phone": "2"}, ours={**ADA, "phone": "2"},
        awaits_echo=True, replaced={"phone": "1"}), ours(phone="2"), "theirs", Unchanged, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_a_record(case):
    record, link, person, rule, kind, what = CASES[case]
    decision = decide(record, link, person, fields(rule))
    assert type(decision) is kind
    if kind in (Create, Update):
        assert decision.values == what
    if kind is Conflict:
        assert decision.fields == what
    if kind in (Skip, Fail):
        assert decision.reason == what


@pytest.mark.parametrize("case", CASES)
def test_what_was_decided_is_decided_again_without_effect(case):
    record, link, person, rule, _kind, _what = CASES[case]
    first = decide(record, link, person, fields(rule))
    if isinstance(first, Skip | Fail):
        assert decide(record, link, person, fields(rule)) == first
        return
    values = dict(first.values) if isinstance(first, Create | Update | Conflict) else {}
    after = Ours({**(dict(person.values) if person else {}), **values}, LATER)
    second = decide(record, first.base, after, fields(rule))
    if isinstance(first, Conflict):
        assert isinstance(second, Conflict)
        assert (second.fields, second.values) == (first.fields, {})
    else:
        assert second == Unchanged(second.base)
        assert second.base == first.base


def test_a_conflict_takes_the_other_fields():
    decision = decide(theirs(phone="2", company="Umbra"), known(), ours(phone="3"), fields("ask"))
    assert decision.fields == {"phone": ("3", "2")}
    assert decision.values == {"company": "Umbra"}
    assert decision.base.theirs["phone"] == "1"


def test_a_field_that_only_goes_there_takes_nothing():
    decision = decide(theirs(phone="2"), known(), ours(), fields(direction="push"))
    assert isinstance(decision, Unchanged)


def test_a_property_that_the_vendor_leaves_out_says_nothing():
    record = Theirs("7", {"name": "Ada"}, LATER)
    assert isinstance(decide(record, known(), ours(), fields()), Unchanged)

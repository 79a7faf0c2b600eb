"""What the vendor made of a batch that was sent, noted on the links as they are now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.words.sayings import Saying, Text
from integrations.contacts.deciding import DUPLICATE, Known, is_id
from integrations.contacts.mapping import EMAIL, NAME, PARTS, in_parts, one_spelling
from integrations.contacts.outcomes import ERROR, SKIPPED
from integrations.contacts.people import Link, Person, State
from integrations.contacts.planning import Plan
from integrations.contacts.rows import Rows, new_link
from integrations.contacts.speaking import CREATED, FAILED, Written
from integrations.contacts.words import REFUSED, SAME_ADDRESS

PUSHED_CREATED, PUSHED_UPDATED = "pushed_created", "pushed_updated"
NO_ANSWER: Final = _("The service said nothing of this contact.")
LONGEST: Final = 500


def note(
    rows: Rows, batch: Sequence[Plan], written: Sequence[Written], pass_number: int
) -> Counter[str]:
    """Note a batch; to be called in a transaction, but for a dry run."""
    rows.begin()
    rows.read_links_of([each.person.id for each in batch])
    rows.read_links([each.vendor_id for each in written if is_id(each.vendor_id)])
    by_key = {each.key: each for each in written}
    outcomes: Counter[str] = Counter()
    for each in batch:
        answer = by_key.get(each.write.key, Written(each.write.key, "", FAILED, NO_ANSWER))
        outcomes[_note_one(rows, each, answer, pass_number)] += 1
    rows.flush()
    return outcomes


def _note_one(rows: Rows, each: Plan, answer: Written, pass_number: int) -> str:
    person = each.person
    links = rows.links_of(person)
    linked = next((link for link in links if link.state == State.LINKED), None)
    refused = next((link for link in links if link.state == State.REFUSED), None)
    if answer.outcome == FAILED or not is_id(answer.vendor_id):
        _refuse(rows, person, linked or refused, answer.error)
        return f"{ERROR}{REFUSED}"
    found = rows.link(answer.vendor_id)
    if (
        found is not None
        and found.state == State.LINKED
        and found.person_id not in (None, person.id)
    ):
        # The vendor has them as somebody who is linked already.
        return f"{SKIPPED}{SAME_ADDRESS}"
    link = found or linked or refused or new_link(answer.vendor_id)
    if linked is not None and linked is not link:
        # The vendor made them one with another record: that has the other's id from now on.
        linked.leave_out(DUPLICATE)
        rows.keep(linked)
    _write_down(link, each, answer.vendor_id, pass_number)
    rows.keep(link)
    if answer.outcome == CREATED:
        return PUSHED_CREATED
    return PUSHED_UPDATED


def _write_down(link: Link, each: Plan, vendor_id: str, pass_number: int) -> None:
    """Note that both sides have what was sent, until the vendor shows what it made of it."""
    person = each.person
    sent = dict(each.sent)
    known = replace(
        link.known,
        ours={**link.known.ours, **sent},
        theirs={**link.known.theirs, **sent, **_parts(sent, link.known.theirs)},
        awaits_echo=True,
        is_gone=False,
        replaced=_replaced(link.known, sent),
    )
    link.vendor_id, link.reason, link.refusal = vendor_id, "", {}
    link.belong(person, known)
    link.email = one_spelling(person.values[EMAIL]) or link.email
    link.pushed_at, link.seen_in_pass, link.is_changed = timezone.now(), pass_number, True


def _replaced(known: Known, sent: Mapping[str, str]) -> dict[str, str]:
    """Return what the vendor had when it was last seen, of what was written since."""
    before = {name: known.theirs[name] for name in sent if name in known.theirs}
    if known.awaits_echo:
        return {**before, **known.replaced}
    return before


def _refuse(rows: Rows, person: Person, link: Link | None, error: Text | Saying) -> None:
    """Note what the vendor says against it: it is sent again with the next sync."""
    if link is None:
        link = new_link("", email="")
        link.state, link.kind, link.person_id = State.REFUSED, person.kind, person.id
    link.reason = REFUSED if link.state == State.REFUSED else link.reason
    link.refusal, link.is_changed = _kept(error), True
    rows.keep(link)


def _kept(error: Text | Saying) -> dict[str, Any]:
    saying = error if isinstance(error, Saying) else Saying(error or NO_ANSWER)
    kept = saying.kept()
    return {
        "text": _clean(kept["text"]),
        "facts": {name: _fact(fact) for name, fact in kept["facts"].items()},
    }


def _fact(fact: Any) -> Any:
    if isinstance(fact, str):
        return _clean(fact)
    return fact


def _clean(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:LONGEST]


def _parts(sent: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    if NAME not in sent:
        return {}
    return dict(zip(PARTS, in_parts(sent[NAME], known), strict=True))

"""From Koppel to the vendor: who changed since, batch by batch;
each result is noted before the next batch goes.

A worker that dies between the answer and the note sends that batch again:
by the vendor's id, or by the address, which the vendor then has already.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from core import sync
from integrations.contacts import noting, passes, visibility
from integrations.contacts.mapping import KEEP_OURS
from integrations.contacts.people import CONTACT, KINDS
from integrations.contacts.planning import Plan, plan
from integrations.contacts.speaking import CREATED, UPDATED, Written
from integrations.contacts.work import Job
from integrations.models import ContactLink, ContactSettings

PAGE: Final = 500


def push(job: Job, place: dict[str, Any]) -> bool:
    """Send who changed, from a place on, and tell whether the end was reached."""
    place.setdefault("is_full", job.is_full)
    place.setdefault("kind", CONTACT)
    place.setdefault("after", None)
    place.setdefault("began", timezone.now().isoformat())
    place.setdefault("since", _text(_since(job)))
    place.setdefault("chosen_at", job.settings.updated_at.isoformat())
    place.setdefault("looked_at", 0)
    job.ahead = count_ahead(job, place)
    for kind in KINDS[KINDS.index(place["kind"]) :]:
        if place["kind"] != kind:
            place.update(kind=kind, after=None)
        if not _push_all(job, place, kind):
            return False
    if not job.is_dry:
        began = datetime.fromisoformat(place["began"])
        # Not where the mapping was changed meanwhile.
        unchanged = ContactSettings.objects.filter(
            pk=job.settings.pk, updated_at=place["chosen_at"]
        )
        unchanged.update(pushed_until=began)
    return True


def _push_all(job: Job, place: dict[str, Any], kind: str) -> bool:
    while True:
        ids = _changed(job, kind, place)
        if not ids:
            return True
        planned = plan(job.rows, job.fields, kind, ids)
        for batch in _batches(planned.plans, job.contacts.batch):
            _send(job, batch)
        with job.transaction():
            place["after"] = str(ids[-1])
            place["looked_at"] += len(ids)
            job.ahead = max(job.ahead - len(ids), 0)
            job.add({"skipped": sum(planned.skipped.values())}, planned.skipped)
            job.checkpoint(place)
            job.progress(0, looked_at=place["looked_at"])
        if job.run.cancelled:
            return False


def count_ahead(job: Job, place: dict[str, Any]) -> int:
    """Return how many people are to be looked at from a place on."""
    kinds = KINDS[KINDS.index(place.get("kind", CONTACT)) :]
    return sum(_rows(job, kind, place).count() for kind in kinds)


def _changed(job: Job, kind: str, place: dict[str, Any]) -> list[UUID]:
    return list(_rows(job, kind, place).order_by("pk").values_list("pk", flat=True)[:PAGE])


def _rows(job: Job, kind: str, place: dict[str, Any]) -> QuerySet[Any]:
    """Find people who changed since, whom the vendor refused, or whose values somebody
    decided to keep.
    """
    rows = visibility.seen(job.integration, kind)
    since = _since(job)
    if "since" in place:
        since = _moment(place["since"])
    if since is not None:
        links = ContactLink.objects.filter(
            integration=job.integration, **{f"{kind}__isnull": False}
        )
        refused = links.exclude(refusal={})
        decided = links.filter(conflicts__resolved_at__gte=since, conflicts__kept=KEEP_OURS)
        waiting = [Q(pk__in=found.values(f"{kind}_id")) for found in (refused, decided)]
        rows = rows.filter(Q(updated_at__gte=since) | waiting[0] | waiting[1])
    if place.get("after") is not None and place["kind"] == kind:
        rows = rows.filter(pk__gt=place["after"])
    return rows


def _since(job: Job) -> datetime | None:
    """Return from when on to look for changes; None for everybody: where the vendor's list is read
    in full too, so that whoever was left out before has their turn, and where the owner may see
    other people by now."""
    if job.is_full or not visibility.sees_all(job.integration):
        return None
    return passes.since(job.settings.pushed_until)


def _send(job: Job, batch: Sequence[Plan]) -> None:
    """Send a batch, and note what became of each."""
    writes = [each.write for each in batch]
    job.check()
    if job.is_dry:
        written = [_pretended(each) for each in batch]
    else:
        answer = sync.patiently(
            lambda: job.contacts.upsert(job.client, job.values, writes), threading.Event()
        )
        written = answer or []
    with job.transaction():
        outcomes = noting.note(job.rows, batch, written, job.settings.passes_begun)
        job.add(_counts(outcomes), outcomes)
    if job.is_dry:
        shown = visibility.seen_of(
            job.run.run.started_by,
            job.integration.organization_id,
            [each.person.id for each in batch],
        )
        job.show([_example(each) for each in batch if each.person.id in shown])


def _counts(outcomes: Counter[str]) -> Counter[str]:
    pushed = outcomes[noting.PUSHED_CREATED] + outcomes[noting.PUSHED_UPDATED]
    skipped = sum(number for outcome, number in outcomes.items() if outcome.startswith("skipped_"))
    return Counter(pushed=pushed, skipped=skipped, errors=outcomes.total() - pushed - skipped)


def _pretended(each: Plan) -> Written:
    """Return what a dry run takes for the vendor's answer."""
    if each.write.vendor_id:
        return Written(each.write.key, each.write.vendor_id, UPDATED)
    return Written(each.write.key, f"dry-run-{each.write.key}", CREATED)


def _batches(plans: Sequence[Plan], size: int) -> Iterator[Sequence[Plan]]:
    for start in range(0, len(plans), size):
        yield plans[start : start + size]


def _example(each: Plan) -> dict[str, Any]:
    return {
        "outcome": "pushed_updated" if each.write.vendor_id else "pushed_created",
        "name": each.person.values["name"][:100],
        "email": each.write.email,
        "fields": sorted(each.sent),
    }


def _text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    return datetime.fromisoformat(text)

"""From the vendor to Koppel: its list, page by page; each batch is one transaction with its
counts and save point.
"""

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from core import sync
from integrations.contacts import gone, passes, proof
from integrations.contacts.proof import Verdict
from integrations.contacts.speaking import Fetch
from integrations.contacts.taking import take
from integrations.contacts.work import Job
from integrations.models import ContactSettings

BATCH_ITEMS: Final = 500
BATCH_BYTES: Final = 4 * 1024 * 1024


def pull(job: Job, place: dict[str, Any]) -> Verdict | None:
    """Walk the list from a place to its end, and return what was seen of it;
    None where it was cancelled.
    """
    if not place:
        place = _first_place(job)
    if not _walk(job, place, job.contacts.fetching(job.fields.theirs), "at"):
        return None
    fetch_deleted = job.contacts.fetch_deleted
    if (
        fetch_deleted is not None
        and place["deleted_since"]
        and not _walk(job, place, fetch_deleted, "deleted_at")
    ):
        return None
    return _close(job, place)


def _first_place(job: Job) -> dict[str, Any]:
    is_full = job.is_full
    known = passes.since(job.settings.pulled_until)
    since = None if is_full else known
    return {
        "phase": "pull",
        "is_full": is_full,
        "number": passes.begin(job.settings, is_dry=job.is_dry),
        "chosen_at": job.settings.updated_at.isoformat(),
        "began": timezone.now().isoformat(),
        "since": _text(since),
        "deleted_since": _text(known),
        "at": {},
        "deleted_at": {},
        "most": None,
        "deleted": 0,
        "latest": None,
    }


def _walk(job: Job, place: dict[str, Any], fetch: Fetch, where: str) -> bool:
    """Take everything that a list gives."""
    since = _moment(place["since"])
    if where == "deleted_at":
        since = _moment(place["deleted_since"])

    def pages(stop: threading.Event) -> Iterator[sync.Step[Any, Any]]:
        def ask(cursor: str) -> sync.Page:
            page = fetch(job.client, job.values, since, cursor or None)
            return sync.Page(
                page.records, following=page.cursor or "", total=page.total, size=page.size
            )

        return sync.by_cursor(ask, place[where], stop, vendor=job.vendor)

    with sync.Ahead(pages, BATCH_ITEMS, BATCH_BYTES) as steps:
        for step in steps:
            _take(job, place, where, step)
            if job.run.cancelled:
                return False
    return True


def _take(job: Job, place: dict[str, Any], where: str, step: sync.Step[Any, Any]) -> None:
    with job.transaction():
        taken = take(job.rows, step.items, job.fields, place["number"])
        place[where] = dict(step.place)
        place["latest"] = _text(_later(_moment(place["latest"]), taken.latest))
        if where == "at" and step.total is not None:
            place["most"] = max(step.total, place["most"] or 0)
        if where == "at":
            place["deleted"] += len(taken.deleted)
            # Those of the other list are said when they are taken away.
            job.add(taken.counts(), taken.outcomes)
        job.checkpoint(place)
        job.progress(place["most"])
    job.show(taken.preview)


def _close(job: Job, place: dict[str, Any]) -> Verdict:
    """Return what was seen of the list; of a whole one, take away what is gone."""
    missing = max(_total(job, place) - _seen(job, place), 0)
    if missing == 0:
        _finish(job, place)
    if job.is_dry:
        verdict = proof.of_changes(job.outcomes, missing)
    else:
        verdict = proof.of_pass(
            job.integration, place["number"], deleted=int(place["deleted"]), missing=missing
        )
    if place["is_full"] and missing == 0:
        if not job.is_dry:
            proof.record(job.integration, place["number"])
        verdict["too_many"] = _take_away(job, place)
    return verdict


def _finish(job: Job, place: dict[str, Any]) -> None:
    if place["is_full"]:
        job.rows.last_full = place["number"]
    until = passes.known_until(_moment(place["latest"]), datetime.fromisoformat(place["began"]))
    if not job.is_dry:
        is_full, chosen_at = place["is_full"], place["chosen_at"]
        passes.close(
            job.settings, place["number"], is_full=is_full, until=until, chosen_at=chosen_at
        )


def _seen(job: Job, place: dict[str, Any]) -> int:
    if job.is_dry:
        return len(job.rows.seen) + int(place["deleted"])
    return passes.seen_in(job.integration, place["number"]) + int(place["deleted"])


def _total(job: Job, place: dict[str, Any]) -> int:
    """Return how many records the vendor says that it has; 0 where it does not say."""
    if place["most"] is not None:
        return int(place["most"])
    if place["is_full"] and job.contacts.count is not None:
        return job.contacts.count(job.client, job.values) or 0
    return 0


def _take_away(job: Job, place: dict[str, Any]) -> int:
    """Take away what two full passes did not see; return how many that were,
    where nobody believes so many.
    """
    links = gone.missed_twice(job.rows, job.settings)
    is_too_much = gone.are_too_many(job.rows, job.settings, len(links))
    if not job.is_dry:
        gone.observe(job.integration, len(links), ok=not is_too_much)
    if is_too_much:
        return len(links)
    # Where the vendor does not say how many there are, a page that it left out twice
    # would cost contacts.
    removes = (
        job.settings.when_deleted == ContactSettings.WhenDeleted.REMOVE and _total(job, place) > 0
    )
    for start in range(0, len(links), gone.BATCH):
        batch = links[start : start + gone.BATCH]
        unlinked, removed = gone.take_away(job.rows, batch, removes=removes)
        job.add({"unlinked": unlinked, "removed": removed}, {})
    return 0


def _later(moment: datetime | None, other: datetime | None) -> datetime | None:
    if moment is None or other is None:
        return moment or other
    return max(moment, other)


def _text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    return datetime.fromisoformat(text)

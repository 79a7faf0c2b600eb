"""One erasure: asked for twice, worked by a run, looked for again, and certified.

The address is marked before anything is looked for, so that nobody is stored whom it does not see.
What the person is known by is gathered and sealed before the first row goes, so that an attempt
that takes over a killed one finds the same. Each piece of work is counted in the transaction that
does it; done again it finds nothing. What the second look still finds (a recording that the storage
did not delete, or that is being made) is gone after again and again: what was sealed stays until
nothing is left.
"""

from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit, runs
from core.models import Run
from core.privacy import Person, marks, places, rows
from core.runs.attempt import Work
from crm.models import Erasure, Organization
from crm.privacy import asking, exporting, gathering, returning

State = Erasure.State
# Steps from here on come after the tables.
LAST: Final = 80
# What ended with something left, or without a certificate, is begun again no more often than this;
AGAIN_AFTER: Final = timedelta(hours=1)
# nor, where it was asked for longer ago than that, more often than once in that time.
DAILY: Final = timedelta(days=1)
INCOMPLETE: Final = _(
    "The second look found %(found)d places that still name the person. They stand in "
    "the certificate."
)
KIND: Final = runs.Kind(
    "person_erasure",
    _("Erasure of a person"),
    work="crm.privacy.erasing.work",
    words={
        "found": _("Found"),
        "erased": _("Erased"),
        "redacted": _("Redacted"),
        "kept": _("Kept"),
    },
    so_far=("found",),
    lock="crm.erasure",
)


def ask(
    *,
    organization: Organization | None,
    email: str,
    again: str,
    actor: Any = None,
    request: Any = None,
) -> tuple[Erasure, runs.Started]:
    """Have somebody erased. ValidationError where the address was not typed twice alike."""
    organization_id = organization.pk if organization else None
    address = asking.checked(email, organization_id)
    if again.strip() != email.strip():
        raise ValidationError({"confirm": ValidationError(asking.NOT_THE_SAME, code="invalid")})
    if organization_id is None:
        asking.check_nothing_hinders(address)
    with transaction.atomic():
        erasure = Erasure(
            organization=organization,
            address_hash=marks.hash_of(address, organization_id),
            asked_by=actor if getattr(actor, "pk", None) else None,
            asked_by_name=str(actor or ""),
        )
        erasure.known = Person(address, {email.strip()}).written()
        erasure.save(force_insert=True)
        started = runs.start(
            KIND, erasure, organization_id=organization_id, started_by=erasure.asked_by
        )
        audit.record(
            "erasure.asked",
            actor=actor,
            target=erasure,
            request=request,
            organization_id=organization_id,
            new=address,
        )
    return erasure, started


def work(run: Work) -> None:
    """Do it, from wherever an earlier attempt stopped."""
    erasure = Erasure.objects.get(pk=run.subject_id)
    if erasure.known is None:
        return
    _work(run, erasure)


def resume(now: datetime) -> int:
    """Begin again what stopped before its certificate, or left something: nobody is left half
    erased. Return how many were begun.
    """
    begun = 0
    unfinished = Q(state=State.WAITING) | Q(state=State.INCOMPLETE, known__isnull=False)
    lately, today = _worked_since(now - AGAIN_AFTER), _worked_since(now - DAILY)
    asked_today = Q(asked_at__gte=now - DAILY)
    due = Erasure.objects.filter(unfinished, asked_at__lt=now - AGAIN_AFTER)
    for erasure in due.exclude(pk__in=lately).filter(asked_today | ~Q(pk__in=today)):
        begun += runs.start(
            KIND, erasure, organization_id=erasure.organization_id, trigger="resumed"
        ).is_new
    return begun


def _worked_since(moment: datetime) -> Any:
    return Run.objects.filter(kind=KIND.key, created_at__gte=moment).values("subject_id")


def _work(run: Work, erasure: Erasure) -> None:
    person = _gathered(erasure)
    run.progress(total=len(places.all_places()))
    _work_steps(run, erasure, person, lambda step: step.order < LAST)
    _work_places(run, erasure, person)
    _work_steps(run, erasure, person, lambda step: step.order >= LAST)
    _finish(run, erasure, person)


def _gathered(erasure: Erasure) -> Person:
    """Return what the person is known by, sealed with the erasure the first time;
    marked before anything is looked for by it.
    """
    person = marks.read(erasure.known.reveal())
    if erasure.is_gathered:
        return person
    organization_id = erasure.organization_id
    marked: set[str] = set()

    def mark(known: Person) -> None:
        found = {known.address, *known.spellings} - marked
        if found:
            returning.mark(organization_id, found)
            marked.update(found)

    gathering.gather(person, organization_id, mark)
    erasure.known = person.written()
    erasure.is_gathered = True
    erasure.save(update_fields=["known", "is_gathered"])
    return person


def _work_steps(run: Work, erasure: Erasure, person: Person, wanted: Any) -> None:
    for step in places.all_steps():
        if step.erase is None or not wanted(step):
            continue
        with nullcontext() if step.asks_outside else transaction.atomic():
            counts = step.erase(person, erasure.organization_id)
            with transaction.atomic():
                for place, numbers in counts.items():
                    _count(run, erasure, place, numbers)
        run.checkpoint({"at": step.key})


def _work_places(run: Work, erasure: Erasure, person: Person) -> None:
    organization_id = erasure.organization_id
    alone = organization_id is not None and not rows.is_known_elsewhere(person, organization_id)
    for number, place in enumerate(places.all_places(), start=1):
        rows.clear(
            place,
            person,
            organization_id,
            lambda name, numbers: _count(run, erasure, name, numbers),
        )
        if alone and place.how != places.KEEP:
            # Rows of nobody, about somebody whom no other organization knows.
            # They are not this one's to count.
            rows.clear(place, person, None, lambda _name, _numbers: None, of_nobody=True)
        run.checkpoint({"at": place.key})
        run.progress(done=number)


def _count(run: Work, erasure: Erasure, place: str, numbers: dict[str, int]) -> None:
    """Add to the certificate and to the run, with the rows that were changed."""
    locked = Erasure.objects.select_for_update().get(pk=erasure.pk)
    of_place = locked.places.setdefault(place, {})
    for name, number in numbers.items():
        of_place[name] = of_place.get(name, 0) + number
    locked.save(update_fields=["places"])
    run.add(counts=numbers)


def second_look(person: Person, organization_id: UUID | None) -> dict[str, int]:
    """Return in which places the person stands still, and how often;
    what is kept for a reason is none of them.
    """
    left: dict[str, int] = {}
    for place in places.all_places():
        if place.how != places.KEEP:
            left[place.key] = rows.counted(place, person, organization_id)
    for step in places.all_steps():
        if step.left is not None:
            for place_name, numbers in step.left(person, organization_id).items():
                left[place_name] = max(left.get(place_name, 0), numbers["found"])
    return {place: number for place, number in left.items() if number}


def _finish(run: Work, erasure: Erasure, person: Person) -> None:
    """Look again, and write the certificate."""
    left = second_look(person, erasure.organization_id)
    exporting.drop(person, erasure.organization_id)
    with transaction.atomic():
        erasure.refresh_from_db()
        erasure.left = left
        erasure.state = State.INCOMPLETE if left else State.DONE
        erasure.finished_at = timezone.now()
        if not left:
            erasure.known = None
        erasure.save(update_fields=["left", "state", "finished_at", "known"])
        run.evidence(places=len(erasure.places), left=sum(left.values()))
        if left:
            run.incomplete(INCOMPLETE, found=len(left))
        audit.record(
            "erasure.finished",
            actor="erasure",
            target=erasure,
            organization_id=erasure.organization_id,
            state=str(erasure.state),
            left=left,
        )

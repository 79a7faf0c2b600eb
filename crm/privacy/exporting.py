"""All that is known of a person as an archive: the same places that an erasure goes through,
for a day, sealed.

Each place is a file with a name in the reader's words, of rows as JSON; `About` says whose it is
and what there is. It holds only rows of the organization that asked; staff, who ask for the
installation, get those of all.
"""

import base64
import io
import json
import zipfile
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from core import audit, runs
from core.privacy import Person, marks, places, rows
from core.runs.attempt import Work
from crm import addresses
from crm.models import Organization, PersonExport
from crm.privacy import gathering

State = PersonExport.State
KEPT: Final = timedelta(hours=24)
KIND: Final = runs.Kind(
    "person_export",
    _("Export of a person"),
    work="crm.privacy.exporting.work",
    words={"rows": _("Rows")},
    so_far=("rows",),
)


def ask(
    *, organization: Organization | None, email: str, actor: Any = None, request: Any = None
) -> tuple[PersonExport, runs.Started]:
    """Have a file made of everything that names this address."""
    organization_id = organization.pk if organization else None
    try:
        address = addresses.normalize(email)
    except ValidationError as error:
        raise ValidationError({"email": error}) from error
    with transaction.atomic():
        export = PersonExport(
            organization=organization,
            address_hash=marks.hash_of(address, organization_id),
            asked_by=actor if getattr(actor, "pk", None) else None,
            asked_by_name=str(actor or ""),
        )
        export.address = address
        export.save(force_insert=True)
        started = runs.start(
            KIND, export, organization_id=organization_id, started_by=export.asked_by
        )
        audit.record(
            "person.export_asked",
            actor=actor,
            target=export,
            request=request,
            organization_id=organization_id,
            new=address,
        )
    return export, started


def work(run: Work) -> None:
    """Gather the file."""
    export = PersonExport.objects.filter(pk=run.subject_id).first()
    if export is None or export.address is None or export.state == State.DONE:
        return
    person = Person(export.address.reveal())
    gathering.gather(person, export.organization_id)
    found: dict[str, list[Any]] = {}
    for step in places.all_steps():
        if step.show is not None:
            found |= {
                place: list(those)
                for place, those in step.show(person, export.organization_id).items()
                if those
            }
    for place in places.all_places():
        those = list(rows.shown(place, person, export.organization_id))
        known = {str(row.get("id")) for row in found.get(place.key, ())}
        found.setdefault(place.key, []).extend(
            row for row in those if str(row.get("id")) not in known
        )
    found = {place: those for place, those in sorted(found.items()) if those}
    language = export.asked_by.language if export.asked_by else settings.LANGUAGE_CODE
    with translation.override(language):
        export.content = base64.b64encode(_archive(export, person, found)).decode()
    export.address, export.state, export.finished_at = None, State.DONE, timezone.now()
    export.places = {place: len(those) for place, those in found.items()}
    if keep(export):
        run.add(counts={"rows": sum(export.places.values())})


def keep(export: PersonExport) -> bool:
    """Keep a file that was made, unless the person was erased meanwhile; return whether it is."""
    with transaction.atomic():
        if not PersonExport.objects.select_for_update().filter(pk=export.pk).exists():
            return False
        export.save(update_fields=["address", "state", "finished_at", "content", "places"])
    return True


def _archive(export: PersonExport, person: Person, found: dict[str, list[Any]]) -> bytes:
    """Return the archive: a file for each place, none of two places,
    and one that says what they are.
    """
    names: dict[str, str] = {}
    for place in found:
        name = places.name_of(place).replace("/", "-")
        names[place] = (
            f"{name} ({place}).json" if f"{name}.json" in names.values() else f"{name}.json"
        )
    about = {
        "address": person.address,
        "organization": str(export.organization or ""),
        "made_at": timezone.now().isoformat(),
        "files": {names[place]: len(those) for place, those in found.items()},
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in (
            (f"{_('About')}.json", about),
            *((names[place], found[place]) for place in found),
        ):
            file.writestr(name, json.dumps(content, default=str, ensure_ascii=False, indent=1))
    return archive.getvalue()


def read(export: PersonExport, *, actor: Any, request: Any = None) -> bytes | None:
    """Return the file, and record who read it; None where there is none yet, or no more."""
    if export.content is None or is_over(export):
        return None
    with transaction.atomic():
        PersonExport.objects.filter(pk=export.pk).update(downloaded_at=timezone.now())
        audit.record(
            "person.export_read",
            actor=actor,
            target=export,
            request=request,
            organization_id=export.organization_id,
        )
    return base64.b64decode(export.content.reveal())


def drop(person: Person, organization_id: UUID | None) -> None:
    """Delete what was made of a person who is erased, and what waits to be: each
    organization's, where it is all of them.
    """
    exports = PersonExport.objects.all()
    if organization_id is not None:
        exports = exports.filter(organization_id=organization_id)
    for export in exports.defer("content", "address").iterator():
        if export.address_hash in _hashes(person, export.organization_id):
            export.delete()


def _hashes(person: Person, organization_id: UUID | None) -> set[str]:
    known = frozenset().union(*map(addresses.forms, {person.address, *person.spellings}))
    return {marks.hash_of(address, organization_id) for address in known}


def is_over(export: PersonExport) -> bool:
    """Tell whether its day is over."""
    return export.asked_at < timezone.now() - KEPT


def forget() -> int:
    """Delete the files whose day is over; return how many."""
    return PersonExport.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()[0]

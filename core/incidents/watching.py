"""What is wrong, told once: an incident opens and closes on transitions, one per cause.

Whoever looks at something reports what they saw with `observe`, good or bad, as often as they look.
Only the change from one to the other opens, closes and alerts. `Watch` remembers how often in a row
a cause was seen bad or good (hysteresis); its row exists only while something is off, and its lock
puts observers of one cause in line, so that twenty at once make one incident and none of their
sightings is lost.

Observe outside a transaction, or as its last act: the lock on the cause is held until
the transaction ends.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from core.incidents.announcing import announce, note
from core.models import Incident, IncidentNote, Watch
from core.words.sayings import Saying, Text

# Names kept of what an incident hits; beyond it the incident is about everything anyway.
AFFECTED_KEPT: Final = 1_000
TITLE_KEPT: Final = 200

_COUNT_BAD: Final = """
INSERT INTO incident_watches (cause, bad_in_a_row, good_in_a_row, updated_at) VALUES (%s, 1, 0, %s)
ON CONFLICT (cause) DO UPDATE SET bad_in_a_row = incident_watches.bad_in_a_row + 1,
    good_in_a_row = 0,
    updated_at = excluded.updated_at
RETURNING bad_in_a_row
"""


def observe(
    cause: str,
    *,
    ok: bool,
    title: Text | Saying,
    what_to_do: Text | Saying = "",
    severity: str = Incident.Severity.WARNING,
    organization_id: Any = None,
    for_everybody: Text | Saying = "",
    facts: Mapping[str, Any] | None = None,
    affected: Iterable[str] | None = None,
    open_after: int = 1,
    close_after: int = 1,
) -> Incident | None:
    """Report one look at a cause; the incident that is open afterwards, or None.

    `cause` names what is wrong and not whom it hits (`bison_instance:maverick`, not one per
    workspace): those go in `affected`, whose names are gathered on the one incident. What is
    nobody's own but hits every organization says in `for_everybody` what their members read of it:
    they see it too.

    `open_after` bad looks in a row open it, `close_after` good ones close it. A later look that is
    more severe raises the severity and is told as such. Sentences are of `gettext_lazy`, so that
    each reader has them in their language.
    """
    if ok:
        return _good(cause, close_after)
    seen = {
        **_sentences(title=title, what_to_do=what_to_do, for_everybody=for_everybody),
        "severity": str(severity),
        "facts": dict(facts or {}),
        "affected": list(affected or ()),
    }
    return _bad(cause, seen, organization_id, open_after)


def close(cause: str) -> Incident | None:
    """Close the cause's open incident now and forget what was counted;
    the closed incident, or None.
    """
    with transaction.atomic():
        Watch.objects.select_for_update().filter(cause=cause).first()
        incident = Incident.objects.filter(cause=cause, closed_at=None).first()
        closed = incident is not None and _close(incident)
        Watch.objects.filter(cause=cause).delete()
        if closed:
            return incident
        return None


def _sentences(**columns: Text | Saying) -> dict[str, Any]:
    """Return the columns as they are written in the code, and what it takes to say them
    in another language.
    """
    sentences = {
        name: text if isinstance(text, Saying) else Saying(text) for name, text in columns.items()
    }
    plain = {name: sentence.plain for name, sentence in sentences.items()}
    plain["title"] = plain["title"][:TITLE_KEPT]
    return {**plain, "sentences": {name: sentence.kept() for name, sentence in sentences.items()}}


@transaction.atomic
def _bad(
    cause: str, seen: dict[str, Any], organization_id: Any, open_after: int
) -> Incident | None:
    times = _count_bad(cause)
    incident = Incident.objects.filter(cause=cause, closed_at=None).first()
    if incident is not None:
        return _seen_again(incident, seen)
    if times < open_after:
        return None
    now = timezone.now()
    seen["affected"] = _merged([], seen["affected"])
    # get_or_create and not create: the unique index has the last word, should a row be open
    # that no watch knows of.
    incident, opened = Incident.objects.get_or_create(
        cause=cause,
        closed_at=None,
        defaults={
            **seen,
            "organization_id": organization_id,
            "times_seen": times,
            "opened_at": now,
            "last_seen_at": now,
        },
    )
    if opened:
        announce(incident, "opened")
    return incident


def _count_bad(cause: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_BAD, [cause, timezone.now()])
        return int(cursor.fetchone()[0])


def _seen_again(incident: Incident, seen: dict[str, Any]) -> Incident:
    worse = (
        incident.severity == Incident.Severity.WARNING
        and seen["severity"] == Incident.Severity.CRITICAL
    )
    changes: dict[str, Any] = {"last_seen_at": timezone.now(), "times_seen": F("times_seen") + 1}
    affected = _merged(incident.affected, seen["affected"])
    if affected != incident.affected:
        changes["affected"] = affected
    if seen["for_everybody"] != incident.for_everybody:
        changes |= {name: seen[name] for name in ("for_everybody", "sentences")}
    facts = {**incident.facts, **seen["facts"]}
    if facts != incident.facts:
        changes["facts"] = facts
    if worse:
        changes |= {name: seen[name] for name in ("severity", "title", "what_to_do", "sentences")}
        # Who knew of a warning does not know of this yet.
        changes |= {
            "acknowledged_at": None,
            "acknowledged_by": None,
            "note": "",
            "snoozed_until": None,
        }
    Incident.objects.filter(pk=incident.pk).update(**changes)
    incident.refresh_from_db()
    if worse:
        note(incident, IncidentNote.Kind.WORSENED)
        announce(incident, "worsened")
    return incident


def _merged(known: list[str], more: list[str]) -> list[str]:
    return list(dict.fromkeys([*known, *map(str, more)]))[:AFFECTED_KEPT]


def _good(cause: str, close_after: int) -> Incident | None:
    if not Watch.objects.filter(cause=cause).exists():
        return None  # nothing is off: the usual case, one look-up and no lock
    with transaction.atomic():
        watch = Watch.objects.select_for_update().filter(cause=cause).first()
        if watch is None:
            return None
        incident = Incident.objects.filter(cause=cause, closed_at=None).first()
        if incident is not None and watch.good_in_a_row + 1 < close_after:
            watch.bad_in_a_row, watch.good_in_a_row = 0, watch.good_in_a_row + 1
            watch.save()
            return incident
        if incident is not None:
            _close(incident)
        watch.delete()
        return None


def _close(incident: Incident) -> bool:
    """Tell whether this call closed it: of two at once, one does."""
    now = timezone.now()
    if not Incident.objects.filter(pk=incident.pk, closed_at=None).update(closed_at=now):
        return False
    incident.closed_at = now
    announce(incident, "closed")
    return True

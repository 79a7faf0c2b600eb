"""The shapes of the rows that events tell of, each with an example that is made up."""

from typing import Any, Final

from integrations.events.shapes import ID as ID_SHAPE
from integrations.events.shapes import MOMENT, NUMBER, TEXT, Schema, choice, maybe

Shape = dict[str, Schema]
Example = dict[str, Any]

AT: Final = "2026-11-30T15:04:05.120000+00:00"
ID: Final = "0b9f2c1e-5d0a-4a56-8a0e-6f3c2d1b4a59"
LEAD_ID: Final = "5e7a3f64-9c1d-4f0b-b1a2-3c4d5e6f7081"
REP_ID: Final = "c4d1a0b2-7e8f-4a3b-9c5d-1e2f3a4b5c6d"
CALL_ID: Final = "9a8b7c6d-5e4f-4a3b-8c2d-1f0e9d8c7b6a"
OTHER_ID: Final = "7d6c5b4a-3f2e-4d1c-8b0a-9f8e7d6c5b4a"
MEETING_STATES: Final = ("scheduled", "completed", "cancelled", "no_show")

_PERSON_SHAPE: Final[Shape] = {
    "id": ID_SHAPE,
    "name": TEXT,
    "email": TEXT,
    "phone": TEXT,
    "company": TEXT,
    "createdAt": MOMENT,
    "updatedAt": MOMENT,
}
_PERSON: Final[Example] = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "phone": "+31 20 123 4567",
    "company": "Analytical Engines",
    "createdAt": "2026-11-02T09:30:00+00:00",
    "updatedAt": AT,
}
LEAD_SHAPE: Final[Shape] = {
    **_PERSON_SHAPE,
    "status": choice("new", "contacted", "qualified", "disqualified", "won", "lost"),
    "source": TEXT,
    "qualifiedById": maybe(ID_SHAPE),
    "teamId": maybe(ID_SHAPE),
}
LEAD: Final[Example] = {
    **_PERSON,
    "id": LEAD_ID,
    "status": "qualified",
    "source": "website",
    "qualifiedById": REP_ID,
    "teamId": None,
}
CONTACT_SHAPE: Final[Shape] = {**_PERSON_SHAPE, "leadId": maybe(ID_SHAPE)}
CONTACT: Final[Example] = {**_PERSON, "id": ID, "leadId": LEAD_ID}
APPOINTMENT_SHAPE: Final[Shape] = {
    "id": ID_SHAPE,
    "leadId": ID_SHAPE,
    "closerId": maybe(ID_SHAPE),
    "setterId": maybe(ID_SHAPE),
    "teamId": maybe(ID_SHAPE),
    "title": TEXT,
    "status": choice(*MEETING_STATES),
    "startsAt": MOMENT,
    "endsAt": MOMENT,
    "timeZone": TEXT,
}
APPOINTMENT: Final[Example] = {
    "id": ID,
    "leadId": LEAD_ID,
    "closerId": REP_ID,
    "setterId": None,
    "teamId": None,
    "title": "First talk",
    "status": "scheduled",
    "startsAt": "2026-12-01T14:00:00+00:00",
    "endsAt": "2026-12-01T14:30:00+00:00",
    "timeZone": "Europe/Amsterdam",
}
CALL_SHAPE: Final[Shape] = {
    "id": ID_SHAPE,
    "source": choice("native", "fathom"),
    "title": TEXT,
    "status": choice("PENDING", "ONGOING", "COMPLETED"),
    "appointmentId": maybe(ID_SHAPE),
    "leadId": maybe(ID_SHAPE),
    "repId": maybe(ID_SHAPE),
    "startedAt": maybe(MOMENT),
    "endedAt": maybe(MOMENT),
    "durationSeconds": maybe(NUMBER),
}
CALL: Final[Example] = {
    "id": CALL_ID,
    "source": "native",
    "title": "First talk",
    "status": "COMPLETED",
    "appointmentId": ID,
    "leadId": LEAD_ID,
    "repId": REP_ID,
    "startedAt": "2026-11-30T14:01:10+00:00",
    "endedAt": "2026-11-30T14:33:40+00:00",
    "durationSeconds": 1950,
}
OPEN: Final[Example] = {"endedAt": None, "durationSeconds": None}
NOT_HELD: Final[Example] = {"startedAt": None, "endedAt": None, "durationSeconds": None}
RECORDING_SHAPE: Final[Shape] = {
    "id": ID_SHAPE,
    "callId": ID_SHAPE,
    "startedAt": maybe(MOMENT),
    "endedAt": maybe(MOMENT),
    "durationSeconds": maybe(NUMBER),
    "sizeBytes": maybe(NUMBER),
}
RECORDING: Final[Example] = {
    "id": ID,
    "callId": CALL_ID,
    "startedAt": "2026-11-30T14:01:12+00:00",
    "endedAt": "2026-11-30T14:33:41+00:00",
    "durationSeconds": 1949,
    "sizeBytes": 48210944,
}
TRANSCRIPT_SHAPE: Final[Shape] = {
    "callId": ID_SHAPE,
    "source": choice("native", "fathom"),
    "language": TEXT,
    "segments": NUMBER,
    "characters": NUMBER,
}
TRANSCRIPT: Final[Example] = {
    "callId": CALL_ID,
    "source": "fathom",
    "language": "en",
    "segments": 212,
    "characters": 18455,
}
INTEGRATION_SHAPE: Final[Shape] = {"id": ID_SHAPE, "name": TEXT, "type": TEXT, "provider": TEXT}
INTEGRATION: Final[Example] = {
    "id": ID,
    "name": "Our HubSpot",
    "type": "CRM",
    "provider": "HUBSPOT",
}

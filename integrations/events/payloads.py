"""What an event says of a row: its own facts in the API's names, no secret,
no link that opens anything.

Left out on purpose: addresses of recordings and of the vendor's pages, names of rooms,
what was said. Who wants those asks the API, as somebody who may see them.
"""

from typing import Any

from calls.models import Call, Recording, Transcript
from crm.models import Appointment, Contact, Lead
from crm.models.prospects import Prospect
from integrations.events.shapes import key, moment

Data = dict[str, Any]


def lead(row: Lead) -> Data:
    return {
        **_prospect(row),
        "status": row.status,
        "source": row.source,
        "qualifiedById": key(row.qualified_by_id),
        "teamId": key(row.team_id),
    }


def contact(row: Contact) -> Data:
    return {**_prospect(row), "leadId": key(row.lead_id)}


def appointment(row: Appointment) -> Data:
    return {
        "id": key(row.pk),
        "leadId": key(row.lead_id),
        "closerId": key(row.closer_id),
        "setterId": key(row.setter_id),
        "teamId": key(row.team_id),
        "title": row.title,
        "status": row.status,
        "startsAt": moment(row.starts_at),
        "endsAt": moment(row.ends_at),
        "timeZone": row.time_zone,
    }


def call(row: Call) -> Data:
    return {
        "id": key(row.pk),
        "source": row.source,
        "title": row.title,
        "status": row.status,
        "appointmentId": key(row.appointment_id),
        "leadId": key(row.lead_id),
        "repId": key(row.rep_id),
        "startedAt": moment(row.started_at),
        "endedAt": moment(row.ended_at),
        "durationSeconds": row.duration_seconds,
    }


def recording(row: Recording) -> Data:
    return {
        "id": key(row.pk),
        "callId": key(row.call_id),
        "startedAt": moment(row.started_at),
        "endedAt": moment(row.ended_at),
        "durationSeconds": row.duration_seconds,
        "sizeBytes": row.size_bytes,
    }


def transcript(row: Transcript) -> Data:
    return {
        "callId": key(row.call_id),
        "source": row.call.source,
        "language": row.call.language,
        "segments": len(row.segments),
        "characters": len(row.text),
    }


def integration(row: Any) -> Data:
    return {"id": key(row.pk), "name": row.name, "type": row.type, "provider": row.provider}


def _prospect(row: Prospect) -> Data:
    return {
        "id": key(row.pk),
        "name": row.name,
        "email": row.email,
        "phone": row.phone,
        "company": row.company,
        "createdAt": moment(row.created_at),
        "updatedAt": moment(row.updated_at),
    }

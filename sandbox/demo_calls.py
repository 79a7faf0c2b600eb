"""A trial's calls of the last weeks: recorded by Fathom for the reps,
and one held in our own room.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from calls import library
from calls.incoming import CallData
from calls.models import Call, CallParticipant, Recording
from crm.models import Appointment, Lead, Organization, SalesRep
from sandbox.vendors import demo_keys

RECORDING = Path(__file__).parent / "vendors" / "s3" / "recording.mp4"
RECORDING_SECONDS = 24
# days ago, hour, minutes, rep, lead, title, language, outcome, summary, action items, what was said
CALLS: dict[str, list[tuple[Any, ...]]] = {
    "Northwind Sales": [
        (1, 9, 32, "Chloe Martin", "Ines Moreau", "Discovery: Moreau & Fils", "fr", "follow-up",
         ("Ines cherche un outil pour son équipe de six vendeurs. Le "
"budget est validé, la décision tombe en décembre."),
         ["Envoyer la proposition", "Inviter Paul de la compta"],
         [("Chloe", "Bonjour Ines, merci pour votre temps."),
          ("Ines", "Avec plaisir. Parlons du prix, si possible."),
          ("Chloe", "Bien sûr. Pour six personnes, le café est offert."),
          ("Ines", "Ça marche, envoyez-la.")]),
        (2, 11, 24, "Chloe Martin", "Jonas Weber", "Demo for Weber Logistik", "en", "won",
         ("Jonas liked the routing view and asked about the integration "
"with his warehouse. Pricing was no objection."),
         ["Send the contract", "Plan the kick-off"],
         [("Chloe", "Shall I share my screen?"), ("Jonas",
             "Please. The integration is what I care about."),
          ("Chloe", "Here it is, with last week's numbers."),
          ("Jonas", "Good. Send me the contract.")]),
        (3, 14, 41, "Milan de Vries", "Priya Nair", "Kennismaking Nair Retail", "nl", "follow-up",
         ("Priya wil eerst een proef met één winkel. De concurrent was "
"goedkoper, maar de reünie van het team telde."),
         ["Offerte voor één winkel"],
         [("Milan", "Fijn dat je er bent, Priya."), ("Priya",
             "We willen klein beginnen, met één winkel."),
          ("Milan", "Dan maak ik daar een offerte voor.")]),
        (5, 10, 18, "José Álvarez", "Liam O'Connor", "First call with Liam O'Connor", "en",
         "no-show", "", [], []),
        (6, 15, 55, "Tess Visser", "Sofia Rossi", "Negotiation with Rossi Studio", "en", "won",
         "Two rounds on price. Sofia agreed to a yearly plan with a discount of ten percent.",
         ["Send the yearly plan"],
         [("Tess", "We can do ten percent on a yearly plan."), ("Sofia", "Then we have a deal.")]),
        (8, 9, 27, "Chloe Martin", "Ines Moreau", "Intro Moreau & Fils", "fr", "follow-up",
         "Premier contact, très cordial.", [], [("Ines", "On vous a recommandé chez Rossi.")]),
        (9, 16, 12, "Milan de Vries", None, "Weekly with the team", "nl", "", "", [], []),
        (12, 13, 36, "José Álvarez", "Priya Nair", "Pricing call Nair Retail", "en", "lost",
         "Budget was cut. Priya asked us to come back in spring.", ["Call again in March"],
         [("Priya", "The budget is gone until spring."),
          ("José", "I will call you in March then.")]),
        (15, 11, 48, "Tess Visser", "Liam O'Connor", "Discovery: O'Connor Foods", "en", "follow-up",
         "Liam runs three plants and wants reports per plant.", ["Show the reports"],
         [("Liam", "I need reports for each plant.")]),
        (19, 10, 29, "Chloe Martin", "Jonas Weber", "Erstgespräch Weber Logistik", "de",
         "follow-up",
         "Jonas kennt uns von der Messe in München.", [],
         [("Jonas", "Wir haben uns auf der Messe gesehen.")]),
        (24, 14, 33, "Tess Visser", "Sofia Rossi", "Discovery: Rossi Studio", "en", "follow-up",
         "A small studio with big plans.", [], []),
    ],
}  # fmt: skip


def load(organization: Organization) -> None:
    """Make the calls, unless there are some."""
    if Call.objects.filter(organization=organization).exists():
        return
    reps = {rep.name: rep.pk for rep in SalesRep.objects.filter(organization=organization)}
    leads = {lead.name: lead for lead in Lead.objects.filter(organization=organization)}
    today = timezone.now().replace(minute=0, second=0, microsecond=0)
    histories = [
        _history(organization, number, row, reps, leads, today)
        for number, row in enumerate(CALLS.get(organization.name, []))
        if row[3] in reps
    ]
    for history in histories:
        library.store_call(**history)
    meeting = Appointment.objects.filter(
        organization=organization, status="completed", call=None
    ).first()
    if meeting is not None:
        _hold(meeting)


def _history(
    organization: Organization,
    number: int,
    row: Any,
    reps: dict[str, Any],
    leads: dict[str, Lead],
    today: datetime,
) -> CallData:
    days, hour, minutes, rep, lead_name, title, language, outcome, summary, items, spoken = row
    began = (today - timedelta(days=days)).replace(hour=hour)
    lead = leads.get(lead_name)
    people: list[Any] = [{"display_name": rep, "is_host": True}]
    if lead is not None:
        people.append({"display_name": lead.name, "email": lead.email, "is_external": True})
    return {
        "organization_id": organization.pk,
        "source": Call.Source.FATHOM,
        "external_id": f"demo-{organization.pk}-{number}",
        "rep_id": reps[rep],
        "lead_id": lead.pk if lead else None,
        "title": title,
        "status": Call.Status.COMPLETED,
        "scheduled_start": began,
        "started_at": began,
        "ended_at": began + timedelta(minutes=minutes),
        "summary": summary,
        "action_items": items,
        "outcome": outcome,
        "language": language,
        "url": f"https://fathom.example/calls/{number}",
        "participants": people,
        "transcript": [
            {"speaker": speaker, "at": 4 + 20 * place, "text": text}
            for place, (speaker, text) in enumerate(spoken)
        ],
    }


def _hold(meeting: Appointment) -> None:
    """Make the call of a meeting that took place in our own room: both came."""
    call, _outcome = library.store_call(
        organization_id=meeting.organization_id,
        source=Call.Source.NATIVE,
        appointment_id=meeting.pk,
        lead_id=meeting.lead_id,
        title=meeting.title,
        status=Call.Status.COMPLETED,
        scheduled_start=meeting.starts_at,
        scheduled_end=meeting.ends_at,
        started_at=meeting.starts_at,
        ended_at=meeting.ends_at,
        room_name=f"org_{meeting.organization_id}_apt_{meeting.pk}",
    )
    stay: dict[str, Any] = {
        "call": call,
        "joined_at": meeting.starts_at,
        "left_at": meeting.ends_at,
        "total_seconds": call.duration_seconds,
    }
    if meeting.closer is not None:
        user = meeting.closer.user
        CallParticipant.objects.create(
            **stay, user=user, member_role=meeting.closer.role, is_host=True,
            display_name=user.get_full_name(), identity=f"user-{user.pk}", sid="PA_demo1",
        )  # fmt: skip
    CallParticipant.objects.create(
        **stay, kind="guest", is_guest=True, is_external=True, display_name=meeting.lead.name,
        identity="guest-demo", sid="PA_demo2",
    )  # fmt: skip
    if settings.RECORDINGS_S3_BUCKET == demo_keys.S3_BUCKET:
        _record(call)


def _record(call: Call) -> None:
    """Record what the storage's stand-in plays: short, as it really is."""
    Recording.objects.create(
        call=call,
        egress_id="EG_demo1",
        state=Recording.State.AVAILABLE,
        bucket=demo_keys.S3_BUCKET,
        key=f"{demo_keys.S3_DEMO_PREFIX}{call.pk}.mp4",
        size_bytes=RECORDING.stat().st_size,
        duration_seconds=RECORDING_SECONDS,
        started_at=call.started_at,
        ended_at=call.started_at + timedelta(seconds=RECORDING_SECONDS)
        if call.started_at
        else None,
    )

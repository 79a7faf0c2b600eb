"""What the people of a trial are at work on: teams, reps, leads, contacts and meetings around now.

Made through the services, as everything is. What is there by name stays;
meetings are made anew when none is near.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from crm import services
from crm.models import Appointment, Contact, Lead, Member, Organization, SalesRep, Team

# organization -> what staff granted it, teams with their managers, reps, leads and meetings
WORK: dict[str, dict[str, Any]] = {
    "Northwind Sales": {
        "granted": ["example.com"],
        "teams": {"Enterprise": ["manager"], "Mid-market": []},
        # name -> e-mail, aliases, team, username
        "reps": {
            "Chloe Martin": (
                "chloe.martin@example.com",
                ["c.martin@example.com"],
                "Enterprise",
                "closer",
            ),
            "Milan de Vries": ("milan.devries@example.com", [], "Enterprise", "manager"),
            "José Álvarez": (
                "jose.alvarez@example.com",
                ["j.alvarez@example.com"],
                "Mid-market",
                None,
            ),
            "Tess Visser": ("tess.visser@example.com", [], "Mid-market", None),
            # Left in spring; and somebody who sells for both organizations.
            "Ruben Smit": ("ruben.smit@example.com", [], "Enterprise", None),
            "Lena Fischer": ("lena.fischer@example.com", [], "Mid-market", None),
        },
        "archived": ["Ruben Smit"],
        # name -> e-mail, company, status, source, who qualified them, team
        "leads": {
            "Ines Moreau": (
                "ines.moreau@example.net",
                "Moreau & Fils",
                "qualified",
                "Website",
                "setter",
                "Enterprise",
            ),
            "Jonas Weber": (
                "jonas.weber@example.net",
                "Weber Logistik",
                "qualified",
                "Referral",
                "setter",
                None,
            ),
            "Priya Nair": (
                "priya.nair@example.net",
                "Nair Retail",
                "contacted",
                "Campaign",
                "setter",
                "Mid-market",
            ),
            "Liam O'Connor": (
                "liam.oconnor@example.net",
                "O'Connor Foods",
                "new",
                "Website",
                None,
                "Enterprise",
            ),
            "Sofia Rossi": (
                "sofia.rossi@example.net",
                "Rossi Studio",
                "won",
                "Referral",
                None,
                "Mid-market",
            ),
        },
        # lead, closer, from now, minutes, title
        "meetings": [
            ("Ines Moreau", "closer", timedelta(minutes=10), 45, "Discovery call"),
            ("Jonas Weber", "closer", timedelta(hours=4), 30, "Demo"),
            ("Priya Nair", None, timedelta(days=1), 30, "Introduction"),
            ("Ines Moreau", "closer", timedelta(days=3), 60, "Proposal"),
            ("Sofia Rossi", "closer", timedelta(days=-2), 45, "Closing"),
        ],
    },
    "Contoso Growth": {
        # Its own domain, and the address of somebody who sells for both.
        "granted": ["example.org", "lena.fischer@example.com"],
        "teams": {"Growth": []},
        "reps": {
            "Oscar Dubois": ("oscar.dubois@example.org", [], "Growth", "outsider"),
            "Lena Fischer": ("lena.fischer@example.com", [], "Growth", None),
        },
        "leads": {
            "Hana Sato": (
                "hana.sato@example.org",
                "Sato Works",
                "qualified",
                "Website",
                None,
                "Growth",
            )
        },
        "meetings": [("Hana Sato", "outsider", timedelta(hours=2), 30, "Introduction")],
    },
}


def load(organization: Organization) -> None:
    """Make what is missing of this organization's work."""
    work = WORK[organization.name]
    for value in work["granted"]:
        if not organization.address_grants.filter(value=value).exists():
            services.grant(organization=organization, value=value, actor="demo")
    members = {row.user.get_username(): row for row in organization.members.select_related("user")}
    teams = {
        name: _team(organization, name, [members[who] for who in who_all])
        for name, who_all in work["teams"].items()
    }
    for name, (email, aliases, team, who) in work["reps"].items():
        member = members.get(who)
        taken = SalesRep.objects.filter(
            organization=organization, addresses__normalized=email
        ).exists()
        if member:
            taken = taken or SalesRep.objects.filter(member=member).exists()
        if not taken:
            rep = services.create_rep(
                organization=organization,
                name=name,
                email=email,
                aliases=aliases,
                team=teams[team],
                member=member,
                actor="demo",
            )
            if name in work.get("archived", ()):
                services.archive_rep(rep=rep)
    leads = {
        name: _lead(organization, name, facts, members, teams)
        for name, facts in work["leads"].items()
    }
    _meetings(organization, work["meetings"], leads, members)


def _team(organization: Organization, name: str, managers: list[Member]) -> Team:
    found = Team.objects.filter(organization=organization, name__iexact=name).first()
    return found or services.create_team(
        organization=organization, name=name, managers=managers, actor="demo"
    )


def _lead(
    organization: Organization,
    name: str,
    facts: Any,
    members: dict[str, Member],
    teams: dict[str, Team],
) -> Lead:
    email, company, status, source, who, team = facts
    found = Lead.objects.filter(organization=organization, email_normalized=email).first()
    if found is not None:
        return found
    lead = services.create_lead(
        organization=organization,
        name=name,
        email=email,
        company=company,
        status=status,
        source=source,
        qualified_by=members.get(who),
        team=teams.get(team),
    )
    if not Contact.objects.filter(organization=organization, email_normalized=email).exists():
        services.create_contact(
            organization=organization, name=name, email=email, company=company, lead=lead
        )
    return lead


def _meetings(
    organization: Organization,
    meetings: list[Any],
    leads: dict[str, Lead],
    members: dict[str, Member],
) -> None:
    now = timezone.now()
    near = Appointment.objects.filter(
        organization=organization, ends_at__gt=now, starts_at__lt=now + timedelta(days=1)
    )
    if near.exists():
        return
    zone = services.settings_of(organization).time_zone
    for lead, closer, away, minutes, title in meetings:
        starts = _quarter(now + away)
        services.book_appointment(
            organization=organization,
            lead=leads[lead],
            closer=members.get(closer),
            starts=starts,
            ends=starts + timedelta(minutes=minutes),
            time_zone=zone,
            title=title,
            status="completed" if away < timedelta() else "scheduled",
        )


def _quarter(moment: datetime) -> datetime:
    """Round to a quarter of an hour, at which people meet."""
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)

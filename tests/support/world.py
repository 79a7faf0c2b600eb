"""One of everything of the CRM in an organization, made through the services,
with somebody in each role.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils import timezone

from calls import library
from calls.models import Call
from core.models import User
from crm import services
from crm.models import Appointment, Member, Organization
from tests.support.people import GRANTED, everybody, organization

ROLES = list(Member.Role.values)


class World:
    """An organization at work. `word` is in every name, so that a test can look
    for it where it must not be.
    """

    def __init__(
        self,
        name: str = "Northwind Sales",
        word: str = "",
        prefix: str = "",
        granted: Iterable[str] = GRANTED,
    ) -> None:
        self.word = word
        self.organization: Organization = organization(f"{name} {word}".strip(), granted=granted)
        self.users: dict[str, User] = everybody(self.organization, prefix)
        self.members = {
            row.role: row for row in Member.objects.filter(organization=self.organization)
        }
        of: dict[str, Any] = {"organization": self.organization}
        self.team = services.create_team(
            name=f"Team {word}".strip(), managers=[self.members["MANAGER"]], **of
        )
        self.rep = services.create_rep(
            name=f"Rep {word}".strip(),
            email=f"rep{prefix}@example.com",
            aliases=[f"alias{prefix}@example.com"],
            team=self.team,
            member=self.members["CLOSER"],
            **of,
        )
        self.lead = services.create_lead(
            name=f"Lead {word}".strip(),
            email=f"lead{prefix}@example.com",
            qualified_by=self.members["SETTER"],
            **of,
        )
        self.contact = services.create_contact(name=f"Contact {word}".strip(), lead=self.lead, **of)
        self.appointment = self.book(closer=self.members["CLOSER"], team=self.team)
        self.invitation = services.invite(email=f"guest{prefix}@example.com", role="CLOSER", **of)

    def book(self, starts: datetime | None = None, **people: Any) -> Appointment:
        """Book a meeting of an hour, in half an hour if nothing else is asked for."""
        begins = starts or timezone.now() + timedelta(minutes=30)
        people.setdefault("lead", self.lead)
        people.setdefault("time_zone", "Europe/Amsterdam")
        return services.book_appointment(
            organization=self.organization,
            starts=begins,
            ends=begins + timedelta(hours=1),
            title=f"Meeting {self.word}".strip(),
            **people,
        )

    @cached_property
    def call(self) -> Call:
        """Return a call that Fathom recorded, made when first asked for: it counts for the rep."""
        began = timezone.now() - timedelta(days=1)
        call, _outcome = library.store_call(
            organization_id=self.organization.pk,
            source=Call.Source.FATHOM,
            external_id=f"call-{self.organization.pk}",
            rep_id=self.rep.pk,
            lead_id=self.lead.pk,
            title=f"Call {self.word}".strip(),
            status=Call.Status.COMPLETED,
            started_at=began,
            ended_at=began + timedelta(minutes=30),
            summary=f"Summary {self.word}".strip(),
            participants=[{"display_name": f"Lead {self.word}".strip(), "is_external": True}],
            transcript=[{"speaker": "Ada", "at": 0, "text": f"Said {self.word}".strip()}],
        )
        return call

    def ids(self) -> dict[str, UUID]:
        """Return what stands behind the parameter of each address."""
        return {
            "/api/crm/reps/": self.rep.pk,
            "/api/crm/teams/": self.team.pk,
            "/api/crm/leads/": self.lead.pk,
            "/api/crm/contacts/": self.contact.pk,
            "/api/crm/appointments/": self.appointment.pk,
            "/api/calls/appointments/": self.appointment.pk,
            "/api/calls/": self.call.pk,
            "/api/organization/members/": self.members["CLOSER"].pk,
            "/api/organization/invitations/": self.invitation.pk,
        }

    def fill(self, path: str) -> str:
        """Return the path with the id of what it names, where this world has such a thing."""
        for start, identifier in self.ids().items():
            if path.startswith(start):
                return re.sub(r"[{<]\w+[}>]", str(identifier), path)
        return path

"""How somebody leaves an organization, and what becomes of what they have there.

What is to come goes to a colleague, or waits for somebody: their meetings as closer and the leads
that they qualified. What was stays as it was, without their name. Their rep keeps the calls, and
goes on unless they are archived too; what they have invited and nobody accepted is withdrawn. Their
integrations stay, and the CEO decides on them (`integrations.access`).
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import happenings
from core.models import User
from crm import access, events
from crm.models import Appointment, Lead, Member, SalesRep, Team
from crm.refusals import writing
from crm.services.appointments import ARCHIVED
from crm.services.members import (
    alone_with_the_organization,
    invitations_of,
    keep_a_ceo,
    record_role,
    refuse_internal,
    refuse_who_may_not,
    withdraw_invitations_of,
)
from crm.services.reps import archive_rep
from crm.services.writing import same_organization

NOT_TO_THEMSELVES = _("Choose a colleague who stays.")
NOT_THEIRS_TO_ARCHIVE = _("Only a CEO archives reps.")


@dataclass(frozen=True)
class Belongings:
    """What a member has in the organization, that somebody has to think of before they go."""

    meetings: int
    leads: int
    invitations: int
    teams: list[str]
    rep: SalesRep | None


def belongings_of(member: Member) -> Belongings:
    """Return what this member would leave behind."""
    return Belongings(
        meetings=_coming(member).count(),
        leads=Lead.objects.filter(qualified_by=member).count(),
        invitations=invitations_of(member).count(),
        teams=list(Team.objects.filter(managers=member).values_list("name", flat=True)),
        rep=SalesRep.objects.filter(member=member).first(),
    )


def remove_member(
    *,
    member: Member,
    successor: Member | None = None,
    archives_rep: bool = False,
    actor: Any = None,
    request: Any = None,
) -> bool:
    """Let this person belong to the organization no more; return whether they still did.

    `successor` gets their meetings to come and their leads; without one these wait for somebody.
    """
    with writing():
        leaving = alone_with_the_organization(member)
        if leaving is None:
            return False
        if not (isinstance(actor, User) and actor.pk == leaving.user_id):
            refuse_who_may_not(actor, leaving.organization_id)
        refuse_internal(actor, leaving.role)
        keep_a_ceo(leaving)
        _refuse_successor(leaving, successor)
        _hand_over(leaving, successor)
        withdraw_invitations_of(leaving, actor, request)
        rep = SalesRep.objects.filter(member=leaving).first()
        if archives_rep and rep is not None:
            _refuse_who_may_not_archive(actor, leaving)
            archive_rep(rep=rep, actor=actor, request=request)
        # The audit comes last, as everybody waits for it; the object keeps the id that the record
        # names.
        Member.objects.filter(pk=leaving.pk).delete()
        record_role(leaving, leaving.role, None, actor, request)
    return True


def _refuse_who_may_not_archive(actor: Any, leaving: Member) -> None:
    """Refuse whoever may leave, and not end the import of the organization's calls with that."""
    if isinstance(actor, User) and not access.may(
        actor, "change", SalesRep, leaving.organization_id
    ):
        raise ValidationError(
            {"archives_rep": ValidationError(NOT_THEIRS_TO_ARCHIVE, code="invalid")}
        )


def _refuse_successor(leaving: Member, successor: Member | None) -> None:
    if successor is None:
        return
    same_organization(leaving.organization, successor=successor)
    if successor.pk == leaving.pk or not Member.objects.filter(pk=successor.pk).exists():
        raise ValidationError({"successor": ValidationError(NOT_TO_THEMSELVES, code="invalid")})
    archived = SalesRep.objects.filter(member=successor, archived_at__isnull=False)
    if archived.exists() and _coming(leaving).exists():
        raise ValidationError({"successor": ValidationError(ARCHIVED, code="invalid")})


def _hand_over(leaving: Member, successor: Member | None) -> None:
    now = timezone.now()
    meetings = [row.pk for row in _coming(leaving).select_for_update(of=("self",)).order_by("pk")]
    rows = Appointment.objects.filter(pk__in=meetings)
    if rows.update(closer=successor, updated_at=now):
        happenings.tell("appointment.updated", rows)
    for pk in meetings:
        facts = {"appointment_id": pk, "organization_id": leaving.organization_id}
        transaction.on_commit(partial(events.tell, events.appointment_changed, **facts))
    leads = list(
        Lead.objects.filter(qualified_by=leaving).order_by("pk").values_list("pk", flat=True)
    )
    found = Lead.objects.filter(pk__in=leads)
    if found.update(qualified_by=successor, updated_at=now):
        happenings.tell("lead.updated", found, changed=["qualified_by"])


def _coming(member: Member) -> QuerySet[Appointment]:
    """Return the meetings that they are to hold, and have not."""
    scheduled = Appointment.objects.filter(closer=member, status=Appointment.Status.SCHEDULED)
    return scheduled.filter(ends_at__gt=timezone.now())

"""The people of an organization as a list of them shows each: who, which teams they manage,
which rep they are.
"""

from django.db.models import Prefetch, QuerySet

from core.signin import second_factor
from crm.models import Member, SalesRep, Team


def shown(members: QuerySet[Member]) -> QuerySet[Member]:
    """Return these members with all that is shown of them, in a fixed number of queries.

    `has_second_factor` is whether they sign in with one.
    """
    return (
        members.select_related("user", "organization")
        .prefetch_related(
            Prefetch("managed_teams", Team.objects.order_by("name", "id")),
            Prefetch("reps", SalesRep.objects.all()),
        )
        .annotate(has_second_factor=second_factor.is_on_for("user_id"))
    )


def name_of(member: Member) -> str:
    """Return how colleagues call this member."""
    return member.user.get_full_name() or member.user.get_username()

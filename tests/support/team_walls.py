"""Where a team, its people and its reps stand in the wall
between organizations (tests/test_tenant_wall.py).
"""

from collections.abc import Callable
from typing import Any

# Lists cut at the wall, and what speaks of the person who asks.
OWN = {
    "api_members",
    "api_invitations",
    "dashboard:team",
    "dashboard:team_invite",
    "dashboard:team_new",
    "dashboard:organization_settings",
    "dashboard:organization_logo",
    "dashboard:remove_organization_logo",
    "dashboard:add_rep",
}


def member_of_the_other(other: Any) -> dict[str, Any]:
    """Return the parameter that names somebody of the other organization."""
    return {"member_id": other.world.members["CLOSER"].pk}


def invitation_of_the_other(other: Any) -> dict[str, Any]:
    """Return the parameter that names whom the other organization has invited."""
    return {"invitation_id": other.world.invitation.pk}


def rep_of_the_other(other: Any) -> dict[str, Any]:
    """Return the parameter that names the other organization's rep."""
    return {"rep_id": other.world.rep.pk}


THINGS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "api_member": member_of_the_other,
    "api_member_leaving": member_of_the_other,
    "api_invitation": invitation_of_the_other,
    "api_invitation_again": invitation_of_the_other,
    "dashboard:team_member": member_of_the_other,
    "dashboard:team_leaving": member_of_the_other,
    "dashboard:team_invitation": invitation_of_the_other,
    "dashboard:team_of_reps": lambda other: {"team_id": other.world.team.pk},
    "dashboard:delete_team": lambda other: {"team_id": other.world.team.pk},
    "dashboard:edit_rep": rep_of_the_other,
    "dashboard:rep_addresses": rep_of_the_other,
    "dashboard:archive_rep": rep_of_the_other,
}
NO_WALL_FOR_ADMIN = {"api_members", "api_invitations", *THINGS}
# What is there to be done and not to be looked at.
DONE_ONLY = {
    "api_invitation_again": ("POST", 200),
    "dashboard:team_invitation": ("POST", 302),
}
# What an answer says instead, to those on its side of the wall.
ANSWERS_WITHOUT_THE_WORD: dict[str, tuple[str, ...]] = {
    "api_members": ("other-closer",),
    "api_member": ("other-closer",),
    "api_member_leaving": ("invitations",),
    "api_invitations": ("guestother-",),
    "api_invitation": ("guestother-",),
    "dashboard:team_member": ("other-closer",),
    "dashboard:team_leaving": ("other-closer",),
}

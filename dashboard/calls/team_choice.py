"""The teams that a person may choose from; not asked where there are not two of them."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.models import User
from crm import access
from crm.models import Team
from dashboard.forms import SearchableSelect

# Stands in an address for calls that have no rep, no team, no outcome.
NONE: Final = "-"
# More than anybody has; of those who see every organization the first by name.
OFFERED: Final = 200


@dataclass(frozen=True)
class TeamChoice:
    """Teams by id and name, and what an address asks for."""

    teams: list[tuple[UUID, str]]
    entered: str

    @property
    def is_offered(self) -> bool:
        return len(self.teams) > 1 or bool(self.entered)

    @property
    def chosen(self) -> UUID | None:
        """Return the team that is asked for, where it is one of them."""
        return next((key for key, _name in self.teams if str(key) == self.entered), None)

    def field(self, *, with_none: bool = True) -> forms.ChoiceField:
        none = [(NONE, _("No team"))] * with_none
        names = [(str(key), name) for key, name in self.teams]
        return forms.ChoiceField(
            label=_("Team"),
            required=False,
            choices=[("", _("All")), *none, *names],
            widget=SearchableSelect,
        )


def choice(user: User, scope: UUID | None, entered: str) -> TeamChoice:
    """Return what there is to choose from, whatever else it is cut by;
    what is asked for is among them.
    """
    teams: QuerySet[Team] = access.teams_for(user, scope).order_by("name", "pk")
    return TeamChoice(list(teams.values_list("pk", "name")[:OFFERED]), entered)

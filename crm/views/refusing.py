"""What CRM's services refuse: some of their fields have other names in JSON."""

from collections.abc import Mapping
from typing import ClassVar, Final

from core.api import refusing

IDS: Final = {
    "closer": "closerId",
    "lead": "leadId",
    "managers": "managerIds",
    "member": "memberId",
    "qualified_by": "qualifiedById",
    "setter": "setterId",
    "successor": "successorId",
    "team": "teamId",
}


class Refusing(refusing.Refusing):
    """For views of CRM's services."""

    json_names: ClassVar[Mapping[str, str]] = IDS

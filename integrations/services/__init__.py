"""One function per thing that a person does with an integration;
API, pages, admin, tasks and the demo call these.
"""

from integrations.services.activating import activate, deactivate
from integrations.services.changing import (
    change,
    check_stand_in,
    schedule,
    share,
    stand_in,
    stand_ins,
    transfer,
)
from integrations.services.creating import Created, create
from integrations.services.removing import remove
from integrations.services.testing import Tested, check, try_entered, try_stored
from integrations.services.writing import lock

__all__ = [
    "Created",
    "Tested",
    "activate",
    "change",
    "check",
    "check_stand_in",
    "create",
    "deactivate",
    "lock",
    "remove",
    "schedule",
    "share",
    "stand_in",
    "stand_ins",
    "transfer",
    "try_entered",
    "try_stored",
]

"""The calls that were made for an integration, as a person may see them.

Whoever decides on it sees each as it was made, and so do staff. For colleagues whom it is shared
with, e-mail addresses are left out of paths and of what the service answered: they are of people
whom its owner sees, and they may not.
"""

import re
from collections.abc import Sequence
from typing import Final

from django.db.models import F, Func, QuerySet, TextField, Value

from core.models import ApiCall
from crm.access import Viewer
from integrations import access
from integrations.models import Integration

# Also as it is written in an address. PostgreSQL reads it as Python does.
ADDRESS: Final = r"[^\s\"'<>,;:()\[\]\\/=|?&@]{1,80}(@|%40)[^\s\"'<>,;:()\[\]\\/=|?&@]{1,200}"
HIDDEN: Final = "…"
_ADDRESS: Final = re.compile(ADDRESS, re.IGNORECASE)


def sees_people(user: Viewer, integration: Integration) -> bool:
    """Tell whether this person reads addresses in the calls of an integration that they see."""
    return access.may_change(user, integration) or access.as_staff(user, access.SEE)


def of(integration: Integration, user: Viewer, search: str = "") -> QuerySet[ApiCall]:
    """Return its calls; of those sought, what the person does not read is not looked at either."""
    rows = ApiCall.objects.filter(integration_id=integration.pk)
    if not search:
        return rows
    if sees_people(user, integration):
        return rows.filter(endpoint__icontains=search)
    hidden = Func(
        F("endpoint"),
        Value(ADDRESS),
        Value(HIDDEN),
        Value("gi"),
        function="regexp_replace",
        output_field=TextField(),
    )
    return rows.alias(shown=hidden).filter(shown__icontains=search)


def hide(calls: Sequence[ApiCall], integration: Integration, user: Viewer) -> None:
    """Leave out of calls what this person may not read."""
    if not sees_people(user, integration):
        for call in calls:
            call.endpoint, call.error_message = without(call.endpoint), without(call.error_message)


def without(text: str) -> str:
    """Return a text with each address left out."""
    return _ADDRESS.sub(HIDDEN, text)

"""What the fields of a person are called."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.words.sayings import Text
from crm import duplicates

FIELDS: Final[dict[str, Text]] = {
    "name": _("Name"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "company": _("Company"),
    "status": _("Status"),
    "source": _("Source"),
    "qualified_by": _("Qualified by"),
    "team": _("Team"),
    "lead": _("Lead"),
    "external_ids": _("Ids in other systems"),
}
REASONS: Final[dict[str, Text]] = {
    duplicates.EMAIL: _("Same e-mail"),
    duplicates.PHONE: _("Same phone"),
    duplicates.NAME: _("Same name and company"),
}

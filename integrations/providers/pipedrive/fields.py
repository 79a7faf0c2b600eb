"""The fields of Pipedrive's persons that can be mapped."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from integrations.contacts.speaking import RemoteField

NAME, EMAIL, PHONE, ORGANIZATION = "name", "email", "phone", "organization"
FIELDS: Final = (
    RemoteField(NAME, _("Name")),
    RemoteField(EMAIL, _("E-mail")),
    RemoteField(PHONE, _("Phone")),
    # An organization is a record of its own there.
    RemoteField(ORGANIZATION, _("Organization"), writable=False),
)
MAPPING: Final = {"name": NAME, "email": EMAIL, "phone": PHONE, "company": ORGANIZATION}
# Lists of addresses and numbers, by our word for their first.
LISTS: Final = {EMAIL: "emails", PHONE: "phones"}

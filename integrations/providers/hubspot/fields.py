"""The properties of HubSpot's contacts that can be mapped in every account."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from integrations.contacts.speaking import RemoteField

FIELDS: Final = (
    RemoteField("email", _("E-mail")),
    RemoteField("firstname", _("First name")),
    RemoteField("lastname", _("Last name")),
    RemoteField("phone", _("Phone")),
    RemoteField("mobilephone", _("Mobile phone")),
    RemoteField("company", _("Company")),
    RemoteField("jobtitle", _("Job title")),
    RemoteField("website", _("Website")),
    RemoteField("lifecyclestage", _("Lifecycle stage"), writable=False),
)
KNOWN: Final = tuple(field.name for field in FIELDS)
# What is read only, whatever a mapping says: the stage moves one way alone.
UNWRITABLE: Final = frozenset({"lifecyclestage", "hs_object_id", "createdate", "lastmodifieddate"})
MAPPING: Final = {
    "firstName": "firstname",
    "lastName": "lastname",
    "email": "email",
    "phone": "phone",
    "company": "company",
}

"""A CRM of any make: its address, how a call signs in, where its contacts stand,
and how they are written.
"""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core import vendors
from core.http import CallContext, Client
from core.models import VendorAccount
from core.vendors import Field, Found, Probe, Values, Vendor
from core.words.sayings import Saying
from integrations.contacts.speaking import Contacts
from integrations.models import Integration
from integrations.providers.base import Provider, context_of
from integrations.providers.custom import contacts, writing
from integrations.providers.freeform import calling, fields, mapping, paths

NOT_READ: Final = _("Nothing is set to be read: say where the contacts are, and they are fetched.")


def client_of(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client that signs in as the person declared."""
    return calling.client_at(values.text("apiEndpoint"), account, values, context)


def reaches(account: VendorAccount, values: Values) -> str:
    """Ask without a key: whatever is answered, somebody is there,
    with a certificate for the name.
    """
    calling.reach(values.text("apiEndpoint"), values.text("testPath"), account, values)
    return ""


def signs_in(account: VendorAccount, values: Values) -> Found:
    """Ask with the key for what is there to be tested with."""
    client = client_of(account, values, context_of(account, "test", by=values.tried_by))
    client.get(values.text("testPath") or "")
    return Found("", {"accountInfo": {"name": values.text("name")}})


def reads_contacts(account: VendorAccount, values: Values) -> Found:
    """Read a page of contacts, and show what was found where."""
    name = values.text("name")
    if not values.text("contactsPath"):
        return Found(NOT_READ, {"accountInfo": {"name": name}})
    client = client_of(account, values, context_of(account, "test", by=values.tried_by))
    items, found = contacts.read(client, values)
    shown = mapping.preview(items, found)
    text = Saying(mapping.READ, {"count": shown["read"], "mapped": shown["mapped"]["email"]})
    features = ["contacts"]
    if writing.is_declared(values):
        features.append("writing")
    return Found(
        str(text), {"accountInfo": {"name": name, "contacts": shown}, "features": features}
    )


METHODS: Final = (("NONE", _("Never")), ("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH"))
_WRITES: Final[dict[str, Any]] = {"required": False, "check": fields.check_place}
VENDOR: Final = Vendor(
    "custom",
    "Custom CRM",
    fields=(
        Field("name", _("Name of the CRM"), required=False, longest=100),
        Field(
            "apiEndpoint",
            _("API address"),
            kind="url",
            check=vendors.check_address,
            placeholder="https://api.example.com/v1",
        ),
        *fields.AUTH,
        Field(
            "testPath",
            _("Path to test with"),
            required=False,
            check=fields.check_place,
            placeholder="/me",
            help=_("Something that answers whoever is signed in."),
        ),
        Field(
            "contactsPath",
            _("Path of the contacts"),
            required=False,
            check=fields.check_place,
            placeholder="/contacts",
        ),
        Field(
            "itemsPath",
            _("Where the list stands in the answer"),
            required=False,
            check=paths.check_path,
            placeholder="data",
            help=_("Empty: the answer is the list."),
        ),
        *fields.paging(),
        Field(
            "sinceParam",
            _("Parameter for “changed since”"),
            required=False,
            check=fields.check_name,
            help=_("Where the service has it, only what changed is fetched."),
        ),
        *fields.mapping(),
        Field(
            "write.findPath",
            _("Path that finds a contact"),
            placeholder="/contacts?email={email}",
            **_WRITES,
        ),
        fields.choice("write.createMethod", _("New contacts are sent by"), METHODS, required=False),
        Field("write.createPath", _("Path for new contacts"), placeholder="/contacts", **_WRITES),
        fields.choice("write.updateMethod", _("Changes are sent by"), METHODS, required=False),
        Field("write.updatePath", _("Path for changes"), placeholder="/contacts/{id}", **_WRITES),
        Field(
            "write.within",
            _("Object that a contact is sent in"),
            required=False,
            check=paths.check_path,
            placeholder="contact",
        ),
    ),
    probes=(
        Probe(_("The address answers"), reaches),
        Probe(_("The credentials are accepted"), signs_in),
        Probe(_("A page of contacts is read"), reads_contacts),
    ),
    has_own_page=True,
)

PROVIDER: Final = Provider(
    key="CUSTOM",
    vendor=VENDOR,
    types=(Integration.Type.CRM,),
    description=_("Any CRM with a REST API: say where its contacts are, and how a call signs in."),
    icon="wrench",
    docs_url="https://www.rfc-editor.org/rfc/rfc9110.html",
    client=client_of,
    features=(
        _("Contacts fetched by your own paths"),
        _("API key, bearer token, password or OAuth 2"),
    ),
    contacts=Contacts(
        fields=mapping.FIELDS,
        mapping=mapping.AS_IS,
        fetch=contacts.fetch,
        upsert=writing.upsert,
        batch=25,
    ),
)

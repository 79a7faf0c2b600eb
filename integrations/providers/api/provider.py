"""An API of any make, REST or GraphQL: what it lists is read by a schedule, as contacts."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core import vendors
from core.http import CallContext, Client
from core.models import VendorAccount
from core.vendors import Field, Found, Probe, Values, Vendor
from core.words.sayings import Saying
from crm.models import Organization
from integrations.contacts.speaking import Contacts
from integrations.models import Integration
from integrations.providers.api import contacts
from integrations.providers.base import Provider, context_of
from integrations.providers.freeform import calling, fields, mapping, paths

KINDS: Final = (("REST", "REST"), ("GRAPHQL", "GraphQL"))
LONGEST_QUERY: Final = 20_000
PATHS: Final = _("Found in the answer: %(paths)s")


def client_of(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client that signs in as the person declared."""
    return calling.client_at(values.text("baseUrl"), account, values, context)


def reaches(account: VendorAccount, values: Values) -> str:
    """Ask without a key: whatever is answered, somebody is there,
    with a certificate for the name.
    """
    calling.reach(values.text("baseUrl"), values.text("path"), account, values)
    return ""


def reads(account: VendorAccount, values: Values) -> Found:
    """Read the first page, and show what was found where."""
    client = client_of(account, values, context_of(account, "test", by=values.tried_by))
    items, found = contacts.read(client, values)
    shown = mapping.preview(items, found)
    text = str(Saying(mapping.READ, {"count": shown["read"], "mapped": shown["mapped"]["email"]}))
    if shown["read"] and not shown["mapped"]["email"]:
        text = f"{text}. {Saying(PATHS, {'paths': ', '.join(shown['found'])})}"
    return Found(text, {"accountInfo": {"contacts": shown}, "features": ["contacts"]})


_GRAPHQL: Final = "kind=GRAPHQL"
VENDOR: Final = Vendor(
    "api",
    "API",
    fields=(
        fields.choice("kind", _("Kind"), KINDS),
        Field(
            "baseUrl",
            _("API address"),
            kind="url",
            check=vendors.check_address,
            placeholder="https://api.example.com/v1",
        ),
        *fields.AUTH,
        Field("path", _("Path"), required=False, check=fields.check_place, placeholder="/people"),
        Field(
            "query",
            _("Query"),
            kind="textarea",
            shown_if=_GRAPHQL,
            longest=LONGEST_QUERY,
            placeholder="query ($after: String) { people(after: $after) { nodes { id email } } }",
        ),
        Field(
            "variables",
            _("Variables"),
            kind="textarea",
            required=False,
            shown_if=_GRAPHQL,
            longest=LONGEST_QUERY,
            check=fields.check_object,
            placeholder='{"first": 100}',
        ),
        Field(
            "itemsPath",
            _("Where the list stands in the answer"),
            required=False,
            check=paths.check_path,
            placeholder="data.people.nodes",
            help=_("Empty: the answer is the list."),
        ),
        *fields.paging(),
        Field(
            "paging.morePath",
            _("Where it says that there are more"),
            required=False,
            check=paths.check_path,
            shown_if="paging.kind=CURSOR",
            placeholder="data.people.pageInfo.hasNextPage",
        ),
        Field(
            "sinceParam",
            _("Parameter for “changed since”"),
            required=False,
            check=fields.check_name,
        ),
        *fields.mapping(),
    ),
    probes=(
        Probe(_("The address answers"), reaches),
        Probe(_("The first page is read"), reads),
    ),
    has_own_page=True,
)

PROVIDER: Final = Provider(
    key="API",
    vendor=VENDOR,
    types=(Integration.Type.API,),
    description=_("Any REST or GraphQL API: what it lists is fetched as contacts."),
    icon="link",
    docs_url="https://graphql.org/learn/serving-over-http/",
    client=client_of,
    features=(_("REST and GraphQL"), _("API key, bearer token, password or OAuth 2")),
    minimum_tier=Organization.Tier.PRO_PLUS,
    contacts=Contacts(
        fields=mapping.READ_ONLY,
        mapping=mapping.AS_IS,
        fetch=contacts.fetch,
        upsert=contacts.upsert,
    ),
)

"""A provider on the toy vendor's own service, and integrations of it."""

from typing import Any

from core import vendors
from core.http import CallContext, Client, HeaderKey, Quota
from core.models import VendorAccount
from core.vendors import Field, Found, Probe, Values, Vendor
from integrations import services
from integrations.models import Demo, Integration
from integrations.providers.base import Provider, context_of


def client_of(account: VendorAccount, values: Values, context: CallContext) -> Client:
    key = HeaderKey("X-Key", values.secret("apiKey"))
    quotas = [Quota("all", 600, 60)]
    name = values.fingerprint[:24]
    return Client(
        "toybox", name, values.text("baseUrl"), key, quotas, context, on_answer=values.note_answer
    )


def who_am_i(account: VendorAccount, values: Values) -> Found:
    client = client_of(account, values, context_of(account, "test", by=values.tried_by))
    name = client.get("/me").json()["name"]
    return Found(
        f"Signed in as {name}",
        {"accountInfo": {"name": name}, "features": ["toys"], "version": "1.2"},
    )


TOYBOX = Provider(
    key="TOYBOX",
    vendor=Vendor(
        "toybox",
        "Toybox",
        fields=(
            Field("baseUrl", "Address", kind="url", check=vendors.check_address),
            Field("apiKey", "API key", secret=True, longest=20_000),
            Field(
                "features.syncContacts",
                "Sync contacts",
                kind="checkbox",
                required=False,
                default="true",
            ),
            Field(
                "credentials",
                "Credentials",
                kind="json",
                secret=True,
                required=False,
                longest=20_000,
            ),
        ),
        probes=(Probe("The key is accepted", who_am_i),),
    ),
    types=(Integration.Type.CRM, Integration.Type.HELPDESK, Integration.Type.DATABASE),
    description="Toys",
    icon="plug",
    docs_url="https://toys.example/docs",
    client=client_of,
)


def integration_of(
    owner: Any, organization: Any, *, name: str = "Our toys", **values: str
) -> Integration:
    """Return an integration of this person, made without the API."""
    given = {
        "provider": "TOYBOX",
        "baseUrl": "https://toys.example",
        "apiKey": "toy-key-of-no-value-0001",
        **values,
    }
    made = services.create(organization, owner, name=name, kind="CRM", given=given)
    return made.integration


def demo_of(owner: Any, organization: Any, integration: Integration, *, name: str) -> Demo:
    """Return a demo of this person, as if its inbox were at the vendor."""
    return Demo.objects.create(
        organization=organization,
        owner=owner,
        integration=integration,
        name=name,
        website_url="https://shop.example",
        key=name,
        state=Demo.State.READY,
        website_token=name,
        base_url="https://toys.example",
    )

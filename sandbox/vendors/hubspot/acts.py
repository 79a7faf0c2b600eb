"""What a test or a trial may ask for beyond the API: what people do at HubSpot meanwhile.

add       a contact is made by hand: its properties; gives its id
change    one is changed by hand: `id` and properties
archive   one is deleted by hand: `id`
merge     two become another: `ids`; gives the new id
find      every contact that has an address: `email`
push      events to the app: `events`, each with `portal`, `kind` and `contact`
deliveries   what was sent to the app, and what it answered
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sandbox.vendors.hubspot import portals
from sandbox.vendors.hubspot.portals import Contact

if TYPE_CHECKING:
    from sandbox.vendors.hubspot.vendor import HubSpot

NORTHWIND: Final = 4471001


def add(vendor: "HubSpot", portal: int = NORTHWIND, **properties: str) -> str:
    contact = vendor.portal(portal).create(properties)
    vendor.note(portal, "contact.creation", contact)
    return str(contact.id)


def change(vendor: "HubSpot", id: str, portal: int = NORTHWIND, **properties: str) -> None:  # noqa: A002
    contact = _known(vendor, portal, id)
    vendor.portal(portal).update(contact, properties)
    for name, value in properties.items():
        facts = {"propertyName": name, "propertyValue": value}
        vendor.note(portal, "contact.propertyChange", contact, **facts)


def archive(vendor: "HubSpot", id: str, portal: int = NORTHWIND) -> None:  # noqa: A002
    contact = _known(vendor, portal, id)
    vendor.portal(portal).archive(contact)
    vendor.note(portal, "contact.deletion", contact)


def merge(vendor: "HubSpot", ids: list[str], portal: int = NORTHWIND) -> str:
    first, second = (_known(vendor, portal, each) for each in ids)
    return str(vendor.portal(portal).merge(first, second).id)


def find(vendor: "HubSpot", email: str, portal: int = NORTHWIND) -> list[dict[str, Any]]:
    rows = vendor.portal(portal).listed(archived=False)
    names = list(portals.PROPERTIES)
    return [row.as_json(names) for row in rows if email.lower() in row.addresses()]


def push(vendor: "HubSpot", events: list[dict[str, Any]]) -> None:
    vendor.deliver([vendor.event(**each) for each in events])


def deliveries(vendor: "HubSpot") -> list[dict[str, Any]]:
    return [delivery.as_json() for delivery in vendor.deliveries]


ACTS: Final[dict[str, Callable[..., Any]]] = {
    "add": add,
    "change": change,
    "archive": archive,
    "merge": merge,
    "find": find,
    "push": push,
    "deliveries": deliveries,
}


def _known(vendor: "HubSpot", portal: int, name: str) -> Contact:
    contact = vendor.portal(portal).get(name)
    if contact is None:
        raise ValueError(f"There is no contact {name}")
    return contact

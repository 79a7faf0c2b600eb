"""What a test or a trial may ask for beyond the API: what people do at Pipedrive meanwhile.

add       a person is made by hand: `name`, `email`, `phone`; gives the id
change    one is changed by hand: `id` and the same
delete    one is deleted by hand: `id`
merge     the second goes into the first: `ids`
find      every person that has an address: `email`
vanish    the webhooks are gone, as after three days without success
webhooks, deliveries   what is subscribed, and what was sent
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sandbox.vendors.pipedrive.cast import NORTHWIND

if TYPE_CHECKING:
    from sandbox.vendors.pipedrive.vendor import Pipedrive


def add(vendor: "Pipedrive", company: int = NORTHWIND, owner: int = 11, **wishes: str) -> int:
    person = vendor.company(company).create(_values(wishes), owner)
    vendor.note(company, "create", person)
    return person.id


def change(vendor: "Pipedrive", id: int, company: int = NORTHWIND, **wishes: str) -> None:  # noqa: A002
    person = vendor.company(company).persons[id]
    before = vendor.company(company).update(person, _values(wishes))
    vendor.note(company, "change", person, before)


def delete(vendor: "Pipedrive", id: int, company: int = NORTHWIND) -> None:  # noqa: A002
    person = vendor.company(company).persons[id]
    vendor.company(company).delete(person)
    vendor.note(company, "delete", person)


def merge(vendor: "Pipedrive", ids: list[int], company: int = NORTHWIND) -> None:
    first, second = (vendor.company(company).persons[each] for each in ids)
    both = [
        *first.values["emails"],
        *({**email, "primary": False} for email in second.values["emails"]),
    ]
    vendor.company(company).delete(second)
    vendor.company(company).update(first, {"emails": both})
    vendor.note(company, "delete", second)
    vendor.note(company, "change", first)


def find(vendor: "Pipedrive", email: str, company: int = NORTHWIND) -> list[dict[str, Any]]:
    rows = vendor.company(company).persons.values()
    return [
        row.as_json() for row in rows if not row.is_deleted and email.lower() in row.addresses()
    ]


def vanish(vendor: "Pipedrive") -> None:
    vendor.webhooks.clear()


def webhooks(vendor: "Pipedrive") -> list[dict[str, Any]]:
    return [webhook.as_json() for webhook in vendor.webhooks.values()]


def deliveries(vendor: "Pipedrive") -> list[dict[str, Any]]:
    return [delivery.as_json() for delivery in vendor.deliveries]


ACTS: Final[dict[str, Callable[..., Any]]] = {
    "add": add,
    "change": change,
    "delete": delete,
    "merge": merge,
    "find": find,
    "vanish": vanish,
    "webhooks": webhooks,
    "deliveries": deliveries,
}


def _values(wishes: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "called" in wishes:
        found["name"] = wishes["called"]
    for name in {"email", "phone"} & set(wishes):
        found[f"{name}s"] = [{"value": wishes[name], "primary": True, "label": "work"}]
    return found

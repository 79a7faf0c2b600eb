"""The portals, their keys and their people: made up, worth nothing anywhere else."""

from dataclasses import dataclass
from typing import Final

READ: Final = "crm.objects.contacts.read"
WRITE: Final = "crm.objects.contacts.write"
SCHEMAS: Final = "crm.schemas.contacts.read"
ALL_SCOPES: Final = ("oauth", READ, WRITE, SCHEMAS)


@dataclass(frozen=True)
class Key:
    """A service key: whose it is and what it may do."""

    token: str
    portal: int
    scopes: tuple[str, ...]


KEYS: Final = {
    "Northwind": Key("pat-eu1-koppel-demo-northwind-0001", 4471001, ALL_SCOPES),
    "Northwind, reading only": Key("pat-eu1-koppel-demo-northwind-0002", 4471001, ("oauth", READ)),
    "Northwind, without contacts": Key("pat-eu1-koppel-demo-northwind-0003", 4471001, ("oauth",)),
    "Contoso": Key("pat-na1-koppel-demo-contoso-0004", 4471002, ALL_SCOPES),
}
PORTALS: Final = {4471001: "Northwind Sales", 4471002: "Contoso Growth"}
FIRST: Final = (
    "Ada",
    "Bram",
    "Chloé",
    "Dieter",
    "Elif",
    "Femke",
    "Gilles",
    "Hanna",
    "Ivo",
    "Jasmijn",
)
LAST: Final = ("Peeters", "de Vries", "Martin", "Janssens", "Yilmaz", "Bakker", "Dubois", "Novak")
COMPANIES: Final = ("Harbour Foods", "Lindt & Zoon", "Atelier Sud", "Kestrel", "Blauwdruk")


def properties(portal: int, number: int) -> dict[str, str | None]:
    """Make up the properties of the contact of this number."""
    first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
    return {
        "email": f"contact{number}@{portal % 10}.example.com",
        "firstname": first,
        "lastname": last,
        "phone": f"+32 470 {number:06d}" if number % 3 else None,
        "company": COMPANIES[number % len(COMPANIES)],
        "jobtitle": "Buyer" if number % 2 else "",
        "lifecyclestage": "lead",
        "favourite_colour": "green" if number % 5 == 0 else None,
    }

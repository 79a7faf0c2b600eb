"""The companies, their keys and their people: made up, worth nothing anywhere else."""

from dataclasses import dataclass
from typing import Any, Final

NORTHWIND: Final = 7710001
CONTOSO: Final = 7710002


@dataclass(frozen=True)
class Company:
    """A company as its users see it."""

    id: int
    name: str
    domain: str


@dataclass(frozen=True)
class Key:
    """A personal token, or a grant: whose it is and what it may do."""

    token: str
    company: int
    user: int
    is_admin: bool = True
    scopes: frozenset[str] = frozenset({"base", "contacts:full", "admin"})


COMPANIES: Final = {
    NORTHWIND: Company(NORTHWIND, "Northwind Sales", "northwind"),
    CONTOSO: Company(CONTOSO, "Contoso Growth", "contoso"),
}
KEYS: Final = {
    "Northwind, administrator": Key("0001aa11koppeldemopipedrivenorthwind0001", NORTHWIND, 11),
    "Northwind, sees a third": Key(
        "0002bb22koppeldemopipedrivenorthwind0002", NORTHWIND, 12, is_admin=False
    ),
    "Contoso": Key("0003cc33koppeldemopipedrivecontoso000003", CONTOSO, 21),
}
USERS: Final = {11: "Maud Claes", 12: "Rik Adams", 21: "Olga Stein"}
ORGANIZATIONS: Final = {
    1: "Harbour Foods",
    2: "Lindt & Zoon",
    3: "Atelier Sud",
    4: "Kestrel",
    5: "Blauwdruk",
}
CUSTOM: Final = "9f1ac5d0b7e34c2f8a6d1e0b5c4f3a2918273645"
SEATS: Final = "1b2ac5d0b7e34c2f8a6d1e0b5c4f3a2918273646"
SIZE: Final = "2c3ac5d0b7e34c2f8a6d1e0b5c4f3a2918273647"
# What the companies' people made: a text, a number, and a choice of one.
CUSTOM_FIELDS: Final = {
    CUSTOM: ("Favourite colour", "varchar"),
    SEATS: ("Seats", "double"),
    SIZE: ("Size", "enum"),
}
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


def person(company: int, number: int) -> dict[str, Any]:
    """Make up the person of this number."""
    first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
    phones = (
        [{"value": f"+32 470 {number:06d}", "primary": True, "label": "work"}] if number % 3 else []
    )
    address = f"person{number}@{company % 10}.example.com"
    return {
        "name": f"{first} {last}",
        "emails": [{"value": address, "primary": True, "label": "work"}],
        "phones": phones,
        "org_id": number % len(ORGANIZATIONS) + 1,
        "owner_id": 12 if number % 3 == 0 else 11,
        "custom_fields": {CUSTOM: "green" if number % 5 == 0 else None, SEATS: number, SIZE: 7},
    }


def me(key: Key) -> dict[str, Any]:
    """Answer whose a key is."""
    company = COMPANIES[key.company]
    return {
        "id": key.user,
        "name": USERS[key.user],
        "email": f"user{key.user}@{company.domain}.example.com",
        "default_currency": "EUR",
        "locale": "nl_BE",
        "lang": 1,
        "activated": True,
        "active_flag": True,
        "is_deleted": False,
        "timezone_name": "Europe/Brussels",
        "timezone_offset": "+01:00",
        "role_id": 1,
        "is_you": True,
        "access": [
            {
                "app": "sales",
                "admin": key.is_admin,
                "permission_set_id": "8a0dbe70-0000-4000-8000-000000000001",
            },
            {
                "app": "global",
                "admin": key.is_admin,
                "permission_set_id": "8a0dbe70-0000-4000-8000-000000000002",
            },
        ],
        "company_id": company.id,
        "company_name": company.name,
        "company_domain": company.domain,
        "company_country": "BE",
        "language": {"language_code": "en", "country_code": "GB"},
    }

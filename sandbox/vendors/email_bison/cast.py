"""The companies whose workspaces these are: all made up, with the ids that such instances have."""

from dataclasses import dataclass
from typing import Final

from sandbox.vendors import demo_keys


@dataclass(frozen=True)
class Company:
    """A workspace at the start: how many accounts it has, and whether it has a token of its own."""

    id: int
    name: str
    accounts: int
    keyed: bool = False
    # Refuses every call for data that is not made with its own token.
    own_key_only: bool = False

    @property
    def domain(self) -> str:
        word = "".join(
            letter for letter in self.name.lower() if letter.isascii() and letter.isalnum()
        )
        return f"{word}.example"


@dataclass(frozen=True)
class Person:
    """A user of an instance whom a super-admin token impersonates, and where they look at first."""

    role: str
    id: int
    name: str
    email: str
    first: dict[str, int]


PEOPLE: Final = (
    Person("main", 1, "Robin Hale", "robin.hale@example.com", {"maverick": 4, "long-run": 3}),
    Person("backup", 2, "Sam Ortega", "sam.ortega@example.com", {"maverick": 2, "long-run": 2}),
)
# The switch `large` gives this workspace of Maverick three thousand accounts.
LARGE: Final = 17
SLUGS: Final = ("maverick", "long-run")
COMPANIES: Final[dict[str, tuple[Company, ...]]] = {
    "maverick": (
        Company(2, "Outpost Team", 21),
        Company(3, "Aspen Labs", 282, keyed=True),
        Company(4, "Birchwood Freight", 403, keyed=True),
        Company(5, "SEQUOIA GRID", 33),
        Company(6, "Cobalt Dental", 15, keyed=True),
        Company(7, "Delta Roofing", 0, keyed=True),
        Company(8, "Emberline Studio", 45, keyed=True),
        Company(9, "Brightlane Trucking", 62),
        Company(10, "Maison Lumière", 30),
        Company(11, "IRONCLAD", 118),
        Company(12, "Fernhill Payroll", 150, keyed=True),
        Company(13, "Orbitechné", 16),
        Company(14, "Granite & Sons", 88, keyed=True),
        Company(15, "Little Harbor Shops", 7),
        Company(16, "Hollow Oak Capital", 211, keyed=True),
        Company(17, "Juniper Cloud", 120, keyed=True),
        Company(18, "north pier benifits", 54),
        Company(19, "Kestrel Solar", 75, keyed=True),
        Company(20, "Lanternworks", 450, keyed=True),
        Company(21, "Mosaic Legal", 14, keyed=True),
        Company(22, "Brightlane P&C", 97),
        Company(23, "Nimbus Staffing", 60, keyed=True),
        Company(27, "Paul Winterfeld", 29),
        Company(46, "Test Harbor", 1),
    ),
    "long-run": (
        Company(2, "Long Run Team", 12),
        Company(3, "Quartz Mobility", 134, keyed=True),
        Company(4, "Redfern Clinics", 80, keyed=True),
        Company(5, "Saltmarsh Energy", 46, keyed=True),
        Company(6, "Tidewater Homes", 15, keyed=True),
        Company(7, "Umbra Security", 240, keyed=True),
        Company(8, "Vellum Press", 31, keyed=True),
        Company(9, "Willow Transit", 0),
        Company(10, "Yarrow Foods", 66),
        Company(12, "Zephyr Tutors", 19),
        Company(14, "Workbench Parks", 92, own_key_only=True),
    ),
}


def workspace_keys() -> dict[str, str]:
    """Name every token that is let in at the start, by whose it is."""
    found = {}
    for slug in SLUGS:
        found[f"{slug} super-admin"] = demo_keys.BISON_SUPER_ADMINS[slug]
        found[f"{slug} backup super-admin"] = demo_keys.BISON_BACKUPS[slug]
        for company in COMPANIES[slug]:
            if company.keyed:
                found[f"{slug} {company.id} {company.name}"] = demo_keys.bison_workspace_token(
                    slug, company.id
                )
    return found

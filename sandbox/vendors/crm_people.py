"""People whom a CRM has as contacts: as many as are asked for, the same ones for the same seed."""

import random
from dataclasses import dataclass
from typing import Final

FIRST: Final = (
    "Anouk", "Bram", "Camille", "Dirk", "Élodie", "Femke", "Gilles", "Hanne", "Ilse", "Jan",
    "Karim", "Lotte", "Manon", "Noor", "Olivier", "Pauline", "Quinten", "Rania", "Sven", "Théo",
    "Ursula", "Valérie", "Wout", "Xavier", "Yasmine",
)  # fmt: skip
LAST: Final = (
    "Aerts", "Bernard", "Claes", "De Smet", "Evrard", "Fontaine", "Goossens", "Hermans", "Ingels",
    "Jacobs", "Kaya", "Lambert", "Maes", "Nijs", "O'Brien", "Peeters", "Quintens", "Renard",
    "Smets", "Thijs", "Urbain", "Van Damme", "Willems", "Yıldız", "Zegers",
)  # fmt: skip
COMPANIES: Final = (
    "Alder Logistics", "Brabo Dental", "Campine Solar", "Dender Freight", "Escaut Studio",
    "Fagnes Outdoor", "Gravel & Sons", "Hesbaye Farms", "Iron Quay", "Jonagold Juice",
)  # fmt: skip
TITLES: Final = ("Buyer", "Operations Manager", "Owner", "Head of Sales", "Office Manager", "CFO")


@dataclass(frozen=True)
class Person:
    """One of them. `email` is lower case, and no two have the same."""

    first: str
    last: str
    email: str
    phone: str
    company: str
    title: str


def people(seed: str, count: int, start: int = 0) -> list[Person]:
    """Make up `count` people from number `start` on."""
    return [_person(seed, number) for number in range(start, start + count)]


def _person(seed: str, number: int) -> Person:
    dice = random.Random(f"{seed}/{number}")
    first, last = dice.choice(FIRST), dice.choice(LAST)
    company = dice.choice(COMPANIES)
    word = "".join(
        letter
        for letter in f"{first}.{last}".lower()
        if letter.isascii() and letter.replace(".", "a").isalpha()
    )
    domain = "".join(letter for letter in company.lower() if letter.isalpha())
    phone = (
        f"+32 4{70 + number % 30} {dice.randrange(10, 99)} {dice.randrange(10, 99)} "
        f"{dice.randrange(10, 99)}"
    )
    return Person(
        first, last, f"{word}{number}@{domain}.example", phone, company, dice.choice(TITLES)
    )

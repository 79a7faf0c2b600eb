"""Who records and who is talked to: the reps of the trial, colleagues who are nobody's
rep, and customers.
"""

import zlib
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Recorder:
    """One of the account's people; `share` is how often they record, against the others."""

    name: str
    email: str
    team: str | None
    share: int = 1

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True)
class Customer:
    name: str
    email: str
    company: str

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


# Their addresses are those of sandbox/demo_work.py: as they are, as an alias, in other letters,
# archived, in two organizations at once; and the last three belong to nobody there.
RECORDERS: Final = (
    Recorder("Chloe Martin", "chloe.martin@example.com", "Sales Antwerp", 16),
    Recorder("Chloe Martin", "C.Martin@Example.com", "Sales Antwerp", 5),
    Recorder("Milan de Vries", "milan.devries@example.com", "Sales Antwerp", 14),
    Recorder("José Álvarez", "jose.alvarez@example.com", "Success Antwerp", 10),
    Recorder("José Álvarez", "J.ALVAREZ@example.com", "Success Antwerp", 4),
    Recorder("Tess Visser", "tess.visser@example.com", "Success Antwerp", 12),
    Recorder("Oscar Dubois", "oscar.dubois@example.org", "Partners Antwerp", 4),
    Recorder("Ruben Smit", "ruben.smit@example.com", "Sales Antwerp", 4),
    Recorder("Lena Fischer", "lena.fischer@example.com", None, 3),
    Recorder("Anna Kowalska", "anna.kowalska@example.com", "Partners Antwerp", 5),
    Recorder("Nadia Haddad", "nadia@freelance.example", None, 3),
    Recorder("Meeting room 4", "room4@example.com", None, 2),
)
CUSTOMERS: Final = (
    Customer("Ines Moreau", "ines.moreau@example.net", "Moreau & Fils"),
    Customer("Jonas Weber", "jonas.weber@example.net", "Weber Logistik"),
    Customer("Priya Nair", "priya.nair@example.net", "Nair Retail"),
    Customer("Liam O'Connor", "liam.oconnor@example.net", "O'Connor Foods"),
    Customer("Sofia Rossi", "sofia.rossi@example.net", "Rossi Studio"),
    Customer("Emre Yılmaz", "emre@yilmaz.example", "Yılmaz Tekstil"),
    Customer("Maja Nowak", "maja@nowak.example", "Nowak Energia"),
    Customer("Grace Okafor", "grace@okafor.example", "Okafor Health"),
)


def mixed(*parts: object) -> int:
    """Return the same whole number for the same parts, without order between neighbours."""
    return zlib.crc32("/".join(map(str, parts)).encode())


def recorder(recorders: tuple[Recorder, ...], seed: int, number: int) -> Recorder:
    """Choose who recorded the meeting of this number."""
    left = mixed("recorder", seed, number) % sum(who.share for who in recorders)
    for who in recorders:
        left -= who.share
        if left < 0:
            return who
    return recorders[-1]


def customer(seed: int, number: int) -> Customer | None:
    """Choose with whom the meeting was; None for a meeting among colleagues."""
    if mixed("inside", seed, number) % 9 == 0:
        return None
    return CUSTOMERS[mixed("customer", seed, number) % len(CUSTOMERS)]

"""The contacts of a CRM of no make: nested as such answers are,
each with the moment of its last change.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

FIRST: Final = (
    "Ada",
    "Bram",
    "Chloé",
    "Daan",
    "Élodie",
    "Femke",
    "Gaël",
    "Hanne",
    "Inès",
    "Jeroen",
    "Karim",
    "Łucja",
)
LAST: Final = (
    "Janssens",
    "Martin",
    "Peeters",
    "O'Neill",
    "Dubois",
    "van den Berg",
    "Nowak",
    "García",
    "Smith",
    "Maes",
)
COMPANIES: Final = ("Bakkerij Noord", "Studio Sept", "Contoso", "Fabrikam", "Atelier Bleu")
CHANGED: Final = datetime(2026, 11, 1, 8, tzinfo=UTC)


def made(number: int, dice: random.Random) -> dict[str, Any]:
    """Return a contact as the API has it."""
    first, last = dice.choice(FIRST), dice.choice(LAST)
    return {
        "id": number,
        "name": {"first": first, "last": last, "full": f"{first} {last}"},
        "emails": [{"kind": "work", "value": f"person{number}@customers.example"}],
        "phone": f"+32 2 555 {number % 10000:04}",
        "company": {"name": dice.choice(COMPANIES)},
        "updated_at": stamp(CHANGED + timedelta(hours=number)),
    }


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def email_of(contact: dict[str, Any]) -> str:
    """Return a contact's address; '' for none."""
    emails = contact.get("emails") or [{}]
    return str(emails[0].get("value", ""))

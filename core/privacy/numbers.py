"""A telephone number in the ways that people and services write it.

With its country or without, and with anything between its digits. What is looked for quickly is a
piece of it, so a number is found where some digits stand together as they did where it was met, or
where all of them do.
"""

import re
from typing import Final

SHORTEST: Final = 7
# Of what is left of a number without its country.
SHORTEST_AT_HOME: Final = 8
# A country has so many digits: which of them it is takes a list of all.
COUNTRIES: Final = (1, 2, 3)
# What stands between two digits.
_BETWEEN: Final = "[\\s\u00a0()./-]{0,3}"
# The zero that stands before a number at home, written beside its country.
_ZERO: Final = re.compile(r"\(0\)")


def digits_of(phone: str) -> str:
    """Return the digits of a number; with its country where that is written."""
    digits = re.sub(r"\D", "", _ZERO.sub("", phone))
    return digits.removeprefix("00")


def is_long_enough(phone: str) -> bool:
    """Tell whether this is a number that is somebody's, and no number of a house."""
    return len(digits_of(phone)) >= SHORTEST


def forms(phone: str) -> set[str]:
    """Return a number as digits: abroad, and at home where it says its country."""
    digits = digits_of(phone)
    found = {digits, f"+{digits}", f"00{digits}", re.sub(r"\D", "", phone)}
    if phone.strip().startswith(("+", "00")):
        at_home = [digits[length:] for length in COUNTRIES]
        found |= {f"0{rest}" for rest in at_home if len(rest) >= SHORTEST_AT_HOME}
    return found


def pattern(form: str) -> str:
    """Return the pattern of a number as digits, with anything between them."""
    plus = ""
    if form.startswith("+"):
        plus = r"\+"
    return plus + _BETWEEN.join(form.removeprefix("+"))

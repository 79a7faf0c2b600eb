"""How people are found by what is known of them: the expressions that indexes and queries share.

A query that is written another way than its index is not served by it.
"""

from typing import Any, Final

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import F, Func, Index, Q, TextField, Value
from django.db.models.functions import Right, Upper

# Numbers are written with and without the country's; of two phones,
# so many last digits tell them apart.
DIGITS_COMPARED: Final = 9
# What is shorter is an extension of many.
FEWEST_DIGITS: Final = 7


class Joined(Func):
    """Texts with a space between them; none of them is null."""

    template = "(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()


def words() -> Any:
    """Return what a search looks through: all words of a person, in capitals."""
    return Upper(Joined(F("name"), F("email"), F("company"), F("phone")))


def last_digits() -> Any:
    """Return the digits by which two phones are compared."""
    digits = Func(
        F("phone"),
        Value(r"\D"),
        Value(""),
        Value("g"),
        function="regexp_replace",
        output_field=TextField(),
    )
    return Right(digits, DIGITS_COMPARED)


def digits_of(phone: str) -> str:
    """Return the same of one phone; '' for what is too short to mean one person."""
    digits = "".join(
        character for character in phone if character.isascii() and character.isdigit()
    )
    if len(digits) < FEWEST_DIGITS:
        return ""
    return digits[-DIGITS_COMPARED:]


def indexes(kind: str) -> list[Index]:
    """Return the indexes that lists of people and the search for duplicates are served by."""
    return [
        Index(F("organization"), F("updated_at").desc(), F("id").desc(), name=f"{kind}_by_change"),
        Index(F("organization"), Upper("name"), name=f"{kind}_by_upper_name"),
        Index(F("organization"), last_digits(), name=f"{kind}_by_phone", condition=~Q(phone="")),
        GinIndex(OpClass(words(), name="gin_trgm_ops"), name=f"{kind}_words"),
    ]

"""How many rows a list has, in words: exact while that is quick,
and else a limit or the database's own estimate.
"""

from collections.abc import Callable
from typing import Final

from django.db import connection
from django.db.models import Model, QuerySet

from dashboard.paging import M, Page
from dashboard.tables import number_in_words

# Nobody reads on to the thousandth row.
COUNTED_TO: Final = 1000


def in_words(
    rows: QuerySet[M], page: Page[M], noun: Callable[[int], str], *, is_everything: bool = False
) -> str:
    """Say how many there are. `is_everything`: the rows are the whole table, of which the database
    has an estimate.
    """
    if not page.newer and not page.older:
        if not page.items:
            return ""
        return noun(len(page.items))
    if is_everything and (guess := estimate(rows.model)) > COUNTED_TO:
        return number_in_words(_rounded(guess), noun=noun, about=True)
    return limited(rows, noun)


def limited(rows: QuerySet[M], noun: Callable[[int], str]) -> str:
    """Say how many there are, counting no further than anybody reads."""
    number = rows.order_by()[: COUNTED_TO + 1].count()
    return number_in_words(min(number, COUNTED_TO), noun=noun, more=number > COUNTED_TO)


def estimate(model: type[Model]) -> int:
    """Return about how many rows a table has, as the database noted when it last looked;
    -1 when it never did.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass",
            [model._meta.db_table],
        )
        found = cursor.fetchone()
    if not found:
        return -1
    return int(found[0])


def _rounded(number: int) -> int:
    """Round to two digits: an estimate claims no more."""
    step = 10 ** max(len(str(number)) - 2, 0)
    return round(number / step) * step

"""How calls with some words are found: by the index of the words,
or by going through the newest calls.

Of a word that many calls have, the newest fifty are soon come by. One that few have is looked up in
the index of the words: the database itself takes a call's words to be next to its row, and goes
through all of them for a word that it has never counted, which takes a hundred times as long.
"""

import json
from typing import Any, Final

from django.db import connection

# Both ways take the same time where the square of those found is so many times the calls.
EVEN: Final = 100
_PLAN: Final = """
EXPLAIN (FORMAT JSON)
SELECT FROM calls_callsearch WHERE vector @@ calls_query(%s, %s)
UNION ALL SELECT FROM calls_callsearch
"""


def are_few(words: str, *, begins: bool) -> bool:
    """Tell whether few calls have these words, as the database estimates it; nothing is read."""
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, [words, begins])
        answer: Any = cursor.fetchone()
    found, every = _rows(answer[0])
    return found * found <= EVEN * every


def _rows(plan: Any) -> tuple[int, int]:
    """Return how many rows each part of a plan is thought to give."""
    if isinstance(plan, str):
        plan = json.loads(plan)
    found, every = plan[0]["Plan"]["Plans"]
    return found["Plan Rows"], every["Plan Rows"]

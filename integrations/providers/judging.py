"""What looks at each answer of a vendor before its status is judged, and what such an answer holds."""

from collections.abc import Callable
from typing import Any, Final

from core.http import Answer, Costs
from core.http.client import OnAnswer
from core.http.lenient import loads
from core.vendors import Values

UNAUTHORIZED: Final = 401
# Raises what a refusal means.
Judge = Callable[[Answer], None]


def judging(judge: Judge, values: Values) -> OnAnswer:
    """Return what judges each answer, and notes that the vendor took these values."""

    def look(answer: Answer, costs: Costs) -> Costs:
        judge(answer)
        values.note_answer(answer, costs)
        return None

    return look


def judging_a_stranger(judge: Judge) -> OnAnswer:
    """Return what judges each answer, but for the refusal that a client gets which does not say who it is."""

    def look(answer: Answer, _costs: Costs) -> Costs:
        if answer.status != UNAUTHORIZED:
            judge(answer)
        return None

    return look


def object_in(answer: Answer) -> dict[str, Any]:
    """Return the object that an answer holds, of a refusal above all; an empty one where it holds none."""
    try:
        found = loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

"""Where a value stands in JSON: names with dots between them, and numbers in brackets:
`data.people[0].email`.
"""

import re
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

NOT_A_PATH: Final = _("Enter where it stands, such as data.email or emails[0].value.")
LONGEST: Final = 200
_STEP: Final = re.compile(r"([^.\[\]\s]+)((?:\[\d{1,4}\])*)")
_NUMBER: Final = re.compile(r"\[(\d+)\]")
_FURTHEST: Final = 100
Steps = list[str | int]


def check_path(value: str) -> None:
    """Raise ValidationError for what names no place."""
    try:
        steps(value)
    except ValueError as error:
        raise ValidationError(NOT_A_PATH, code="invalid") from error


def steps(path: str) -> Steps:
    """Return the names and numbers of a path; none for the whole.
    ValueError for what is no path.
    """
    rest = path.strip().removeprefix("$").removeprefix(".")
    found: Steps = []
    if not rest:
        return found
    numbers, rest = _leading_numbers(rest)
    found += numbers
    for part in rest.split(".") if rest else ():
        step = _STEP.fullmatch(part)
        if step is None:
            raise ValueError(path)
        found.append(step[1])
        found += [int(number) for number in _NUMBER.findall(step[2])]
    return found


def _leading_numbers(path: str) -> tuple[list[int], str]:
    leading = re.match(r"((?:\[\d{1,4}\])+)\.?", path)
    if leading is None:
        return [], path
    return [int(number) for number in _NUMBER.findall(leading[1])], path[leading.end() :]


def find(value: Any, path: str) -> Any:
    """Return what stands at a path; None where nothing does."""
    for step in steps(path):
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: Any, path: str) -> str:
    """Return what stands at a path as text; '' for nothing, and for what is no single value."""
    return as_text(find(value, path)) if path else ""


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value).strip()
    return ""


def put(target: dict[str, Any], path: str, value: Any) -> None:
    """Have a value stand at a path, in objects and lists made for it;
    ValueError where something else stands on it.
    """
    way = steps(path)
    place: Any = target
    for step, following in zip(way, [*way[1:], None], strict=True):
        inner: Any = value
        if following is not None:
            inner = [] if isinstance(following, int) else {}
        fits = isinstance(place, list if isinstance(step, int) else dict)
        if not fits:
            raise ValueError(path)
        if isinstance(step, int):
            if step > _FURTHEST:
                raise ValueError(path)
            while len(place) <= step:
                place.append(None)
            if place[step] is None or following is None:
                place[step] = inner
        elif following is None or step not in place:
            place[step] = inner
        place = place[step]

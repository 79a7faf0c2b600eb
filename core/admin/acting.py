"""An act on the rows that were chosen: a service does it, and what it answers is shown beside
each row's name.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from core import runs
from core.errors import VendorError
from core.http.turns import Busy

# Acts that wait for a vendor are done for few: a person waits for the answer.
MOST: Final = 10


class Answer(NamedTuple):
    """What the service answered, and whether it went well."""

    text: str
    is_good: bool = True


def with_each(request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], Answer]) -> None:
    """Do it for each of the rows, MOST at the most, and show what came of each;
    a failure stops none of the others.
    """
    chosen = list(rows[: MOST + 1])
    if len(chosen) > MOST:
        text = ngettext(
            "Choose at most %(n)d row for this.", "Choose at most %(n)d rows for this.", MOST
        )
        messages.error(request, text % {"n": MOST})
        return
    for row in chosen:
        try:
            answer = act(row)
        except Busy as busy:
            messages.error(request, str(busy))
            return
        except VendorError as error:
            answer = Answer(error.message, is_good=False)
        except ValidationError as error:
            answer = Answer(" ".join(error.messages), is_good=False)
        tell = messages.error
        if answer.is_good:
            tell = messages.success
        tell(request, f"{row}: {answer.text}")


def show_started(
    request: HttpRequest, start: Callable[[], runs.Started | Sequence[runs.Started]]
) -> None:
    """Start long work, and show what whoever asks for it is to know."""
    try:
        started = start()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return
    if isinstance(started, runs.Started):
        started = [started]
    if started:
        messages.success(request, runs.message(started))

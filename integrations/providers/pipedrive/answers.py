"""What Pipedrive's refusals mean, and what of its answers is read.

Versions 1 and 2 say no in shapes of their own. A spent day is a 429 like a spent moment, and
nothing else tells of it; whoever asks too much for too long gets a web page with 403, which says
nothing of the token.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, BadCredentials, RateLimited, Rejected, Temporary
from core.http import Answer
from core.words.sayings import Text
from integrations.providers.judging import object_in
from integrations.providers.pipedrive.names import VENDOR

TOKEN_REFUSED: Final = _(
    "Pipedrive does not accept this access: the API token was made anew, or Koppel was removed "
    "there. Enter the new token, or connect again."
)
NO_SCOPE: Final = _(
    "Pipedrive does not let Koppel do that: the app that was installed has not the scope for it, "
    "or this person's permissions end before it. Allow contacts:full in the app and connect again, "
    "or use an administrator's token."
)
SUSPENDED: Final = _(
    "Pipedrive has suspended this company's account. Its owner has to settle that with Pipedrive."
)
DAY_SPENT: Final = _(
    "The Pipedrive company has used all of its API tokens of today. Koppel goes on by itself when "
    "they are given anew, at midnight. Pipedrive shows under Company settings, API usage, who "
    "takes them."
)
BLOCKED: Final = _(
    "Pipedrive's protection held the call back, as too much was asked for. The token is not to "
    "blame; Koppel tries again later."
)
BAD_ADDRESS: Final = _("Pipedrive does not take this e-mail address.")
BAD_VALUE: Final = _("Pipedrive does not take one of the values of this contact.")
NOT_SEEN: Final = _(
    "Pipedrive does not let this person change that contact: it belongs to somebody else there."
)
GONE: Final = _("The contact is not in Pipedrive any more.")
AN_HOUR: Final = 3600.0
A_QUARTER: Final = 900.0
REMAINING: Final = "x-ratelimit-remaining"


class Odd(Temporary):
    """Pipedrive answered something that its own description does not have."""

    text = UNREADABLE


def judge(answer: Answer) -> None:
    """Raise what Pipedrive's refusal means; nothing where its status says enough."""
    if answer.status < 400:
        is_empty = answer.status == 200 and not answer.body
        if is_empty or answer.is_web_page:
            # The address is always Pipedrive's: a page is of something in between, or of a bad day.
            raise Odd(VENDOR, status=answer.status)
        return
    if answer.status == 401:
        raise BadCredentials(VENDOR, TOKEN_REFUSED, status=401)
    if answer.status == 402:
        raise Rejected(VENDOR, SUSPENDED, status=402)
    if answer.status == 403:
        _judge_forbidden(answer)
    if answer.status == 429 and answer.headers.get(REMAINING) != "0":
        # There was room in the moment: what is spent is the day.
        raise RateLimited(VENDOR, DAY_SPENT, retry_after=AN_HOUR, status=429)


def row_error(answer: Answer) -> Text:
    """Return why one person was refused."""
    if answer.status == 403:
        return NOT_SEEN
    if answer.status in (404, 410):
        return GONE
    if "email" in str(object_in(answer).get("error", "")).lower():
        return BAD_ADDRESS
    return BAD_VALUE


def body_of(answer: Answer) -> Mapping[str, Any]:
    """Return an answer's object; Odd for anything else, and for a refusal that comes with 200."""
    body = answer.json()
    if not isinstance(body, Mapping) or body.get("success") is False:
        raise Odd(VENDOR, status=answer.status)
    return body


def record_of(answer: Answer) -> Mapping[str, Any]:
    """Return the record that an answer is about; Odd where there is none."""
    record = body_of(answer).get("data")
    if not isinstance(record, Mapping):
        raise Odd(VENDOR, status=answer.status)
    return record


def rows_of(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the records of a list; Odd where there is no list.
    Some lists that are empty are null.
    """
    rows = body.get("data")
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise Odd(VENDOR)
    return [row for row in rows if isinstance(row, Mapping)]


def following(body: Mapping[str, Any]) -> str | None:
    """Return the cursor of the next page; None after the last."""
    more = body.get("additional_data")
    cursor = more.get("next_cursor") if isinstance(more, Mapping) else None
    if isinstance(cursor, str) and cursor:
        return cursor
    return None


def number_in(record: Mapping[str, Any], name: str = "id") -> int | None:
    """Return a number that a record has; None for what is none."""
    value = record.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    return None


def _judge_forbidden(answer: Answer) -> None:
    if answer.is_web_page:
        raise RateLimited(VENDOR, BLOCKED, retry_after=A_QUARTER, status=403)
    if "scope" in str(object_in(answer).get("error", "")).lower():
        raise Rejected(VENDOR, NO_SCOPE, status=403)

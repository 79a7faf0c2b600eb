"""What Chatwoot's refusals mean: 401 stands for a wrong token, a role that is too low,
and another's account alike.

A refusal is told by its words, which come as `error`, as `errors`,
or as `message` with `attributes`. They are looked at and never shown.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import WEB_PAGE, BadCredentials, Misconfigured, Rejected, Temporary, VendorError
from core.http import Answer, Costs
from core.vendors import Values

VENDOR: Final = "chatwoot"
NO_SUCH_ACCOUNT: Final = _(
    "Chatwoot has no account of this number for this token. Check the account ID."
)
SUSPENDED: Final = _(
    "This account is suspended at Chatwoot. Ask whoever runs Chatwoot to open it again."
)
FOR_PEOPLE: Final = _(
    "This token belongs to a bot or to a platform app. Enter the access token of a "
    "person's profile."
)
BY_WORDS: Final[tuple[tuple[str, type[VendorError], Any], ...]] = (
    ("not authorized to access this account", Misconfigured, NO_SUCH_ACCOUNT),
    ("account is suspended", Rejected, SUSPENDED),
    ("not authorized for bots", BadCredentials, FOR_PEOPLE),
)


class RoleTooLow(Rejected):
    """The token is good, and whoever it belongs to may not do this."""

    text = _(
        "Chatwoot lets only administrators of the account do this. Enter an "
        "administrator's access token."
    )


class NotPermissible(Rejected):
    """The platform app may not touch this account or user."""

    text = _(
        "Chatwoot's platform app may not touch this account. Grant it there, or take its "
        "token away here."
    )


class Full(Rejected):
    """The account has no seat, or no place for an inbox, left."""

    text = _(
        "The account at Chatwoot has no room left. Add seats or inboxes there, then try again."
    )


class Missing(Rejected):
    """There is no such record."""

    text = _("Chatwoot does not know what was asked for (404). It may have been deleted there.")


class Invalid(Rejected):
    """A record cannot be as it was sent; `attributes` names what is wrong,
    `is_taken` that another has it.
    """

    text = _("Chatwoot refused the values (422). Check them; the same again will not help.")

    def __init__(self, attributes: tuple[str, ...], *, is_taken: bool) -> None:
        super().__init__(VENDOR, status=422)
        self.attributes = attributes
        self.is_taken = is_taken


class Odd(Temporary):
    """The answer is not what Chatwoot gives."""

    text = _("Chatwoot gave an answer that cannot be read. Nothing was changed; try again later.")


def judge(answer: Answer) -> None:
    """Raise what a refusal means; nothing for every other answer."""
    if answer.status not in {401, 402, 403, 404, 422}:
        return
    if answer.is_web_page:
        raise Misconfigured(VENDOR, WEB_PAGE, status=answer.status)
    body = _body(answer)
    words = words_of(body)
    if answer.status in {401, 403}:
        raise _unauthorized(words, answer.status)
    if answer.status == 402:
        raise Full(VENDOR, status=402)
    if answer.status == 404:
        raise Missing(VENDOR, status=404)
    named = body.get("attributes")
    attributes = tuple(map(str, named)) if isinstance(named, list) else ()
    raise Invalid(attributes, is_taken="already been taken" in words)


def judging(values: Values) -> Any:
    """Return what a Client calls with each answer: it notes that the token works,
    and judges refusals.
    """

    def on_answer(answer: Answer, costs: Costs) -> Costs:
        values.note_answer(answer, costs)
        judge(answer)
        return None

    return on_answer


def words_of(body: Mapping[str, Any]) -> str:
    """Return a refusal's words in lower case, whichever of the three shapes they come in."""
    errors = body.get("errors")
    if isinstance(errors, list):
        return " ".join(map(str, errors)).lower()
    return str(body.get("error") or body.get("message") or "").lower()


def _unauthorized(words: str, status: int) -> VendorError:
    if "not authorized to do this action" in words:
        return RoleTooLow(VENDOR, status=status)
    if "non permissible" in words:
        return NotPermissible(VENDOR, status=status)
    for part, kind, text in BY_WORDS:
        if part in words:
            return kind(VENDOR, text, status=status)
    return BadCredentials(VENDOR, status=status)


def _body(answer: Answer) -> Mapping[str, Any]:
    """Return a refusal's object; an empty one for anything else."""
    try:
        body = answer.json()
    except VendorError:
        return {}
    if isinstance(body, Mapping):
        return body
    return {}

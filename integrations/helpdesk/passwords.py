"""What an agent's password must have: what Koppel asks for,
and what Chatwoot refuses it without.
"""

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.words.sayings import Text

SHORTEST: Final = 8
LONGEST: Final = 128
# Chatwoot takes no others; whether it takes the backtick is not clear, so Koppel does not.
KNOWN: Final = re.compile(r"[A-Za-z0-9 !@#$%^&*()_+\-=\[\]{}|\"/\\.,<>:;?~']*")
PARTS: Final[tuple[tuple[re.Pattern[str], Text], ...]] = (
    (re.compile(r"[0-9]"), _("It needs a digit.")),
    (re.compile(r"[^A-Za-z0-9]"), _("It needs a special character, such as ! or ?.")),
)
# What Chatwoot asks for beside that.
MORE_PARTS: Final[tuple[tuple[re.Pattern[str], Text], ...]] = (
    (re.compile(r"[A-Z]"), _("It needs a capital letter from A to Z.")),
    (re.compile(r"[a-z]"), _("It needs a small letter from a to z.")),
)


def check(password: str, *, is_used: bool) -> None:
    """Raise ValidationError with all that is wrong with a password; `is_used`: Chatwoot gets it,
    and has its say.
    """
    wrong: list[Text] = []
    if len(password) < SHORTEST:
        wrong.append(_("It needs at least 8 characters."))
    if len(password) > LONGEST:
        wrong.append(_("It may have at most 128 characters."))
    parts = PARTS
    if is_used:
        parts += MORE_PARTS
    wrong += [text for pattern, text in parts if not pattern.search(password)]
    if is_used and not KNOWN.fullmatch(password):
        wrong.append(
            _(
                "It has a character that Chatwoot does not take. Use letters from A to Z, digits "
                "and ! ? . - _."
            )
        )
    if wrong:
        raise ValidationError([str(text) for text in wrong], code="weak")

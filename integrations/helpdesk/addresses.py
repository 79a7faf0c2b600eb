"""The address of an agent: the person's own, with the agent's name after a plus,
so that mail still reaches them.
"""

import hashlib
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

# Of the part before the @ (RFC 5321).
LONGEST_LOCAL: Final = 64
NO_ADDRESS: Final = _(
    "Your profile has no e-mail address, and an agent's is made from it. Enter one there first."
)
TOO_LONG: Final = _(
    "Your e-mail address leaves no room for an agent's name in it. Use a shorter one."
)


def word_of(name: str) -> str:
    """Return a name as a part of an address: small ASCII letters,
    digits and hyphens, never empty.
    """
    word = slugify(name).replace("_", "-").strip("-")
    if word:
        return word
    return "agent-" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def address_of(person: str, name: str) -> str:
    """Return `user+agentname@domain`; ValidationError where the person's own address has
    no place for it.
    """
    local, at, domain = person.strip().rpartition("@")
    if not at or not local or not domain:
        raise ValidationError(NO_ADDRESS, code="no_address")
    room = LONGEST_LOCAL - len(local) - 1
    if room < 1:
        raise ValidationError(TOO_LONG, code="too_long")
    address = f"{local}+{word_of(name)[:room].rstrip('-')}@{domain}".lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError(NO_ADDRESS, code="no_address") from error
    return address

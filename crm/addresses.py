"""One address, one spelling: whoever typed it, in whichever alphabet, case or form.

`normalize` gives what is compared and kept unique; what a person typed is shown as they typed it.
The part before the @ is folded by Unicode's own rules (NFKC, then case folding), the domain becomes
the name that DNS asks for (IDNA).
"""

import unicodedata
from typing import Final

import idna
from django.core.exceptions import ValidationError
from django.core.mail.message import sanitize_address
from django.utils.translation import gettext_lazy as _

MAX_LENGTH: Final = 254
NOT_AN_ADDRESS = _("This is not an e-mail address. Enter it as name@company.example.")
NOT_A_DOMAIN = _(
    "This is neither a domain nor an e-mail address. Enter it as company.example "
    "or name@company.example."
)


def normalize(address: str) -> str:
    """Return the one spelling of this address; raise ValidationError when it is none."""
    folded = _fold(address.strip())
    name, _at, domain = folded.rpartition("@")
    if not _is_name(name) or len(folded) > MAX_LENGTH:
        raise ValidationError(NOT_AN_ADDRESS, code="invalid")
    whole = f"{name}@{_domain(domain)}"
    if len(whole) > MAX_LENGTH:
        raise ValidationError(NOT_AN_ADDRESS, code="invalid")
    return whole


def mailbox_of(normalized: str) -> str:
    """Return the mailbox that an address in its one spelling reaches:
    without what stands after a plus.
    """
    name, _at, domain = normalized.rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}"


def forms(text: str) -> frozenset[str]:
    """Return an address in its one spelling, and the mailbox that it reaches;
    nothing of what is none.
    """
    try:
        address = normalize(text)
    except ValidationError:
        return frozenset()
    return frozenset({address, mailbox_of(address)})


def domain_of(normalized: str) -> str:
    """Return the domain of an address in its one spelling."""
    return normalized.rpartition("@")[2]


def normalize_domain(text: str) -> str:
    """Return the one spelling of a domain's name; raise ValidationError when it is none."""
    try:
        return _domain(_fold(text.strip()))
    except ValidationError as error:
        raise ValidationError(NOT_A_DOMAIN, code="invalid") from error


def check(address: str) -> None:
    """Raise ValidationError when this is no address. It is a model's validator."""
    normalize(address)


def check_mailable(address: str) -> None:
    """Raise ValidationError when no mail reaches this address as it is written.

    An example is a look-alike for its @.
    """
    try:
        sanitize_address(address, "utf-8")
    except ValueError as error:
        raise ValidationError(NOT_AN_ADDRESS, code="invalid") from error
    if address.count("@") != 1:
        raise ValidationError(NOT_AN_ADDRESS, code="invalid")


def _fold(text: str) -> str:
    """Fold case by Unicode's match of compatible spellings.

    Folding may undo the normal form, so it is made again.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _is_name(name: str) -> bool:
    if not name or "@" in name:
        return False
    return all(map(_belongs, name))


def _belongs(character: str) -> bool:
    """Refuse spaces, control characters, private use and half pairs, and what would need quotes."""
    return unicodedata.category(character)[0] not in "CZ" and character not in '"(),:;<>[\\]'


def _domain(domain: str) -> str:
    try:
        ascii_name = idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise ValidationError(NOT_AN_ADDRESS, code="invalid") from error
    if "." not in ascii_name.strip("."):
        raise ValidationError(NOT_AN_ADDRESS, code="invalid")
    return ascii_name.rstrip(".")

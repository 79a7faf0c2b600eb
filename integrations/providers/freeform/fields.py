"""What a person enters of a service with answers of any shape, as declared fields."""

import json
import re
from typing import Any, Final

import orjson
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.http.auth import frames
from core.vendors import Field
from core.words.sayings import Text
from integrations.providers.base import one_of, whole_number
from integrations.providers.freeform import paths

LONGEST_SECRET: Final = 40_000
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_.\[\]-]*")
NOT_A_PLACE: Final = _("Enter a path that begins with /, without a scheme or host.")
NOT_A_NAME: Final = _("Enter a name of letters, digits and - _ . [ ] alone.")
NO_KEYS_NAME: Final = _(
    "No key goes under this name: it belongs to the connection. Enter the service's own name."
)
NO_OBJECT: Final = _('Enter a JSON object, such as {"first": 100}.')
NO_PARTS: Final = _('Enter the credentials as JSON, such as {"token": "…"}.')
AUTH_TYPES: Final[tuple[tuple[str, Text], ...]] = (
    ("API_KEY", _("API key")),
    ("BEARER", _("Bearer token")),
    ("BASIC", _("User and password")),
    ("OAUTH2", _("OAuth 2 (client credentials)")),
)
WHERE: Final[tuple[tuple[str, Text], ...]] = (
    ("HEADER", _("In a header")),
    ("QUERY", _("In the address")),
)
PAGING: Final[tuple[tuple[str, Text], ...]] = (
    ("NONE", _("One page")),
    ("PAGE", _("By page number")),
    ("CURSOR", _("By cursor")),
    ("LINK", _("By the next page's link")),
)
# Ours, and where each stands in most services.
MAPPED: Final[tuple[tuple[str, Text, str], ...]] = (
    ("id", _("Id"), "id"),
    ("email", _("E-mail address"), "email"),
    ("name", _("Name"), "name"),
    ("firstName", _("First name"), ""),
    ("lastName", _("Last name"), ""),
    ("phone", _("Phone"), "phone"),
    ("company", _("Company"), ""),
    ("changedAt", _("Changed at"), ""),
)


def check_place(value: str) -> None:
    """Raise ValidationError for what is no path of the service."""
    if (
        not value.startswith("/")
        or value.startswith("//")
        or any(character <= " " for character in value)
    ):
        raise ValidationError(NOT_A_PLACE, code="invalid")
    if {".", ".."} & set(value.partition("?")[0].split("/")) or "\\" in value or "#" in value:
        raise ValidationError(NOT_A_PLACE, code="invalid")


def check_name(value: str) -> None:
    """Raise ValidationError for what can be no header's or parameter's name."""
    if not PLAIN_NAME.fullmatch(value):
        raise ValidationError(NOT_A_NAME, code="invalid")


def check_key_name(value: str) -> None:
    """Raise ValidationError for what can be no key's name, in a header or elsewhere."""
    check_name(value)
    if frames(value):
        raise ValidationError(NO_KEYS_NAME, code="invalid")


def check_object(value: str) -> None:
    """Raise ValidationError for text that is no JSON object, or one that cannot be sent again."""
    try:
        found = json.loads(value)
        # Numbers without end, half a pair of a character, a hundred levels.
        orjson.dumps(found)
    except (ValueError, TypeError, RecursionError) as error:
        raise ValidationError(NO_OBJECT, code="invalid") from error
    if not isinstance(found, dict):
        raise ValidationError(NO_OBJECT, code="invalid")


def check_parts(value: str) -> None:
    """Raise ValidationError for credentials without any part."""
    check_object(value)
    if not any(json.loads(value).values()):
        raise ValidationError(NO_PARTS, code="required")


def choice(name: str, label: Text, options: tuple[tuple[str, Text], ...], **more: Any) -> Field:
    """Return a field whose value is one of these, the first unless another is chosen."""
    more.setdefault("default", options[0][0])
    return Field(name, label, kind="select", options=options, check=one_of(options), **more)


AUTH: Final[tuple[Field, ...]] = (
    choice("authType", _("Authentication"), AUTH_TYPES, default="BEARER"),
    choice("apiKeyIn", _("Where the key goes"), WHERE, required=False, shown_if="authType=API_KEY"),
    Field(
        "apiKeyName",
        _("Name of the key"),
        default="X-API-Key",
        required=False,
        shown_if="authType=API_KEY",
        check=check_key_name,
        help=_("The header or parameter that the service expects it in."),
    ),
    Field(
        "tokenUrl",
        _("Token address"),
        kind="url",
        shown_if="authType=OAUTH2",
        check=vendors.check_address,
        placeholder="https://auth.example.com/oauth/token",
    ),
    Field("scope", _("Scope"), required=False, shown_if="authType=OAUTH2"),
    Field(
        "credentials",
        _("Credentials"),
        kind="json",
        secret=True,
        longest=LONGEST_SECRET,
        check=check_parts,
        placeholder='{"token": "…"}',
        help=_(
            'JSON: {"apiKey"}, {"token"}, {"username", "password"} or {"clientId", "clientSecret"}.'
        ),
    ),
)


def mapping(*, path_of: Any = paths.check_path, defaults: bool = True) -> tuple[Field, ...]:
    """Return the fields that say where each value of a contact stands."""
    return tuple(
        Field(
            f"mapping.{name}",
            label,
            required=False,
            default=usual if defaults else "",
            check=path_of,
            longest=paths.LONGEST,
        )
        for name, label, usual in MAPPED
    )


def paging(kinds: tuple[tuple[str, Text], ...] = PAGING) -> tuple[Field, ...]:
    """Return the fields that say how a list goes on."""
    numbered: dict[str, Any] = {"required": False, "shown_if": "paging.kind=PAGE"}
    return (
        choice("paging.kind", _("Pages"), kinds, required=False),
        Field(
            "paging.pageParam",
            _("Parameter of the page"),
            default="page",
            check=check_name,
            **numbered,
        ),
        Field(
            "paging.firstPage",
            _("Number of the first page"),
            kind="number",
            default="1",
            check=whole_number,
            **numbered,
        ),
        Field(
            "paging.sizeParam",
            _("Parameter of the page's size"),
            required=False,
            check=check_name,
            shown_if="paging.kind=PAGE|CURSOR|LINK",
        ),
        Field(
            "paging.size",
            _("Contacts on a page"),
            kind="number",
            default="100",
            required=False,
            check=whole_number,
            shown_if="paging.kind=PAGE|CURSOR|LINK",
        ),
        Field(
            "paging.cursorParam",
            _("Parameter of the cursor"),
            default="cursor",
            required=False,
            check=check_name,
            shown_if="paging.kind=CURSOR",
        ),
        Field(
            "paging.cursorPath",
            _("Where the next cursor stands"),
            default="next_cursor",
            required=False,
            check=paths.check_path,
            shown_if="paging.kind=CURSOR",
        ),
        Field(
            "paging.linkPath",
            _("Where the next page's link stands"),
            required=False,
            check=paths.check_path,
            shown_if="paging.kind=LINK",
            help=_("Empty: in the header Link."),
        ),
    )

"""Calls to Email Bison: its address as people paste it, its answers as they come,
and who a key is just now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Rejected, Temporary
from core.http import Answer, BearerKey, CallContext, Client, Costs, Quota
from core.masking import Secret
from core.secrets import crypto

VENDOR: Final = "email-bison"
# What integrators were told; the vendor publishes no figure.
QUOTAS: Final = (Quota("minute", 3000, 60),)
PAGE: Final = 15
SAYS_NO: Final = _(
    "%(vendor)s answered, and yet did not do it. Look at the workspace there and try again."
)
ODD: Final = _(
    "%(vendor)s gave an answer that cannot be read. Nothing was changed; try again later."
)


class Declined(Rejected):
    """The answer was a success by its number and a refusal by its words."""

    text = SAYS_NO


class Odd(Temporary):
    """The answer is not what the vendor documents."""

    text = ODD


def base_url(entered: str) -> str:
    """Return the address of the API for what a person pasted: with or without scheme,
    with or without `/api`.
    """
    text = entered.strip().rstrip("/")
    if "://" not in text:
        text = f"https://{text}"
    if not text.endswith("/api"):
        text = f"{text}/api"
    return text


def fingerprint(key: str) -> str:
    """Return what stands for a key where the key must not be."""
    return crypto.mac("bison/key", key.encode("utf-8", "surrogatepass"))


def client_of(
    address: str,
    key: Secret,
    context: CallContext,
    *,
    on_answer: Callable[[Answer, Costs], Costs] | None = None,
) -> Client:
    """Return a client for one key at one instance. All workers together keep to the key's quota."""
    account = fingerprint(key.reveal())[:24]
    return Client(
        VENDOR, account, base_url(address), BearerKey(key), QUOTAS, context, on_answer=on_answer
    )


def data_of(answer: Answer) -> Any:
    """Return what stands under `data`; Declined where the words of a 200 refuse,
    Odd where nothing stands there.
    """
    body = answer.json()
    if not isinstance(body, Mapping) or "data" not in body:
        raise Odd(VENDOR)
    data = body["data"]
    if isinstance(data, Mapping) and data.get("success") is False:
        raise Declined(VENDOR, status=answer.status)
    return data


@dataclass(frozen=True, slots=True)
class Me:
    """Whose key it is, and the workspace that it acts in."""

    name: str
    workspace_id: int
    workspace_name: str


def who_am_i(client: Client, quota_cost: Costs = None) -> Me:
    """Return who the vendor takes us for just now: the only way to know the workspace."""
    return me_of(client.get("/users", quota_cost=quota_cost))


def me_of(answer: Answer) -> Me:
    """Return who an answer to that question says that we are; Odd for one that says nobody."""
    user = data_of(answer)
    if not isinstance(user, Mapping) or not isinstance(user.get("team"), Mapping):
        raise Odd(VENDOR)
    team = user["team"]
    number = team.get("id")
    # True would be workspace 1.
    if not isinstance(number, int) or isinstance(number, bool):
        raise Odd(VENDOR)
    return Me(str(user.get("name", ""))[:200], number, str(team.get("name", ""))[:200])

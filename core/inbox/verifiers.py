"""How each vendor proves that a delivery is its own. Every proof is over the raw bytes,
and compared in constant time.

A verifier has two halves. `senders` says who may be writing to an address and may read the
database; the door keeps its answer for a moment. `verify` is pure: bytes and secrets in, `Verified`
or `Refused` out, whatever it is given.
"""

import base64
import binascii
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

import jwt

from core.inbox.arrivals import (
    Answer,
    Arrival,
    Lookup,
    Sender,
    Verified,
    not_configured,
    not_known,
    not_signed,
)
from core.masking import Secret
from core.secrets import crypto
from core.words.digits import are_digits

TOLERANCE_SECONDS = 300


class Verifier(Protocol):
    """What a Source needs of its scheme."""

    def senders(self, path: Mapping[str, str]) -> tuple[Sender, ...]:
        """Return who may be sending to this address.

        Raise Refused: 404 unknown address, 503 no secret set.
        """

    def verify(self, arrival: Arrival, senders: tuple[Sender, ...]) -> Verified:
        """Return which of them did; raise Refused (401)."""


def senders_of(answer: Answer) -> tuple[Sender, ...]:
    """Return a look-up's answer as senders that have a secret;
    nobody with a secret means: not configured.
    """
    if isinstance(answer, str):
        answer = Secret(answer)
    if isinstance(answer, Secret):
        answer = Sender(secrets=(answer,))
    if isinstance(answer, Sender):
        answer = (answer,)
    usable = tuple(sender for sender in answer or () if any(sender.secrets))
    if not usable:
        raise not_configured()
    return usable


@dataclass(frozen=True)
class StandardWebhooks:
    """Standard Webhooks (Svix): HMAC-SHA256 over `id.timestamp.body`, within 300 s,
    several signatures at a time.

    `secret(**path)` gives the secret (`whsec_…`), a Sender, several of them,
    or None when none is set.
    """

    secret: Lookup

    def senders(self, path: Mapping[str, str]) -> tuple[Sender, ...]:
        return senders_of(self.secret(**path))

    def verify(self, arrival: Arrival, senders: tuple[Sender, ...]) -> Verified:
        prefix = "svix"
        if arrival.header("webhook-signature"):
            prefix = "webhook"
        delivery, stamp, given = (
            arrival.header(f"{prefix}-{part}") for part in ("id", "timestamp", "signature")
        )
        if not delivery or not given:
            raise not_signed()
        _check_age(stamp)
        signed = b".".join((delivery.encode(), stamp.encode(), arrival.body))
        signatures = [part[3:].encode() for part in given.split(" ") if part.startswith("v1,")]
        for sender in senders:
            for secret in sender.secrets:
                expected = base64.b64encode(hmac.digest(_standard_key(secret), signed, "sha256"))
                if sum(hmac.compare_digest(expected, signature) for signature in signatures):
                    return Verified(sender, delivery, given)
        raise not_signed()


@dataclass(frozen=True)
class ChatwootHmac:
    """Chatwoot: `sha256=` and the hex HMAC-SHA256 over `timestamp.body`,
    keyed with the secret's own bytes.
    """

    secret: Lookup

    def senders(self, path: Mapping[str, str]) -> tuple[Sender, ...]:
        return senders_of(self.secret(**path))

    def verify(self, arrival: Arrival, senders: tuple[Sender, ...]) -> Verified:
        stamp, given = (
            arrival.header("x-chatwoot-timestamp"),
            arrival.header("x-chatwoot-signature"),
        )
        _check_age(stamp)
        signed = stamp.encode() + b"." + arrival.body
        for sender in senders:
            for secret in sender.secrets:
                expected = (
                    b"sha256="
                    + hmac.new(secret.reveal().encode(), signed, sha256).hexdigest().encode()
                )
                if hmac.compare_digest(expected, given.encode()):
                    return Verified(sender, arrival.header("x-chatwoot-delivery"), given)
        raise not_signed()


@dataclass(frozen=True)
class LiveKitToken:
    """LiveKit: the bare JWT in `Authorization`, whose `sha256` claim is the base64
    of the raw body's digest.

    `credentials(**path)` gives a Sender whose `issuer` is the API key and whose secret is the API
    secret, or None.
    """

    credentials: Lookup
    leeway: int = 60

    def senders(self, path: Mapping[str, str]) -> tuple[Sender, ...]:
        return senders_of(self.credentials(**path))

    def verify(self, arrival: Arrival, senders: tuple[Sender, ...]) -> Verified:
        token = arrival.header("authorization")
        digest = base64.b64encode(sha256(arrival.body).digest())
        for sender in senders:
            for secret in sender.secrets:
                claim = self._digest_claimed(token, secret, sender.issuer)
                if hmac.compare_digest(digest, claim):
                    # Only the signature's part is kept: the whole token would still be good
                    # for some minutes.
                    return Verified(sender, signature=token.rpartition(".")[2])
        raise not_signed()

    def _digest_claimed(self, token: str, secret: Secret, issuer: str) -> bytes:
        try:
            claims = jwt.decode(
                token,
                secret.reveal(),
                algorithms=["HS256"],
                issuer=issuer,
                leeway=self.leeway,
                options={"require": ["exp", "iss", "sha256"]},
            )
        # A hostile token makes the library's parsers raise more than its own errors (deep
        # nesting, odd types).
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return b""
        claim = claims["sha256"]
        if isinstance(claim, str):
            return claim.encode("utf-8", "replace")
        return b""


@dataclass(frozen=True)
class UrlToken:
    """For vendors that do not sign: an unguessable token in the address,
    looked up by its keyed hash.

    `find(fingerprint)` gives the Sender whose stored fingerprint this is, or None. The token itself
    is stored nowhere in clear, and a look-up by hash tells a guesser nothing by its time.
    """

    find: Callable[[str], Sender | None]

    def senders(self, path: Mapping[str, str]) -> tuple[Sender, ...]:
        sender = self.find(token_fingerprint(path["token"]))
        if sender is None:
            raise not_known()
        return (sender,)

    def verify(self, arrival: Arrival, senders: tuple[Sender, ...]) -> Verified:
        return Verified(senders[0])


def token_fingerprint(token: str) -> str:
    """Return what is stored of a token that stands in an address of ours."""
    return crypto.mac("webhook-token", token.encode("utf-8", "replace"))


def _check_age(stamp: str) -> None:
    if not are_digits(stamp, 12):
        raise not_signed()
    if abs(time.time() - int(stamp)) > TOLERANCE_SECONDS:
        raise not_signed()


def _standard_key(secret: Secret) -> bytes:
    text = secret.reveal().removeprefix("whsec_")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise not_configured()
    return key

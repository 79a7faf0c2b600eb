"""The client: one call to a vendor, from the quota to the log, and one exception tree for all
that can go wrong.
"""

import random
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode, urljoin
from uuid import UUID

from core.errors import (
    LOST_KEY,
    MOVED,
    UNUSABLE_KEY,
    BadCredentials,
    Misconfigured,
    RateLimited,
    Temporary,
    VendorError,
)
from core.http import addresses, quota, transport, turns
from core.http.answers import Answer
from core.http.auth import Auth, Outgoing, Renewable, can_be_sent, secrets_in, spellings
from core.http.call_log import Attempt, endpoint, last_8
from core.http.exchange import Limits, exchange, refusal
from core.http.written import Params, body_of, pairs
from core.secrets.crypto import CannotOpen

SUCCESS: Final = range(200, 300)
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 3
_SEGMENTS_UP: Final = frozenset({".", ".."})
UNAUTHORIZED: Final = 401
_WHOLE: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
USER_AGENT: Final = "Koppel/1"
# Called with an answer and the call's costs; gives others, or None.
OnAnswer = Callable[[Answer, quota.Costs], quota.Costs]


@dataclass(frozen=True)
class CallContext:
    """On whose behalf a call is made: what the log says beside the call itself."""

    organization_id: UUID | None = None
    integration_id: UUID | None = None
    run_id: UUID | None = None
    workspace_name: str = ""
    instance: str = ""
    api_key_type: str = ""
    function_name: str = ""
    triggered_by: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Call:
    """A call as its maker means it; each attempt sends it once."""

    method: str
    path: str
    params: Params
    headers: Mapping[str, str]
    body: bytes | None
    hidden: Sequence[str]
    ok: Collection[int]
    costs: quota.Costs
    auth: Auth | None
    ends: float


class Client:
    """Calls one account of one vendor. Cheap to make, safe in threads;
    connections are shared by the process.

    Every method returns an Answer whose status is in `ok`, or raises VendorError. GET, PUT and
    DELETE are tried again after temporary failures and after a 429 whose wait is bearable; POST and
    PATCH only when the caller says that a repetition does no harm (`idempotent=True`).
    `reads="json"` (the default) checks at once that a body is JSON, so that a web page or a broken
    answer is an error of the call; `reads="bytes"` leaves the body alone. In a web process
    turns.Busy is raised, and nothing sent, where too many wait for vendors already.

    `quotas` may be a callable, asked before each call. `on_answer` is called with each answer, and
    what the call costs, before the answer is judged; where the answer's limit speaks of other costs
    than those, it gives them. An auth that can be renewed is, once for a request and after a 401:
    the vendor refused the call unread, so even a POST is sent again. What it became serves the
    calls after it too.
    """

    def __init__(
        self,
        vendor: str,
        account: str,
        base_url: str,
        auth: Auth | None = None,
        quotas: quota.Quotas = (),
        context: CallContext | None = None,
        *,
        limits: Limits | None = None,
        reads: Literal["json", "bytes"] = "json",
        follow_redirects: bool = False,
        credential_statuses: Collection[int] = (UNAUTHORIZED,),
        on_answer: OnAnswer | None = None,
    ) -> None:
        self.vendor = vendor
        self.account = account
        self.base_url = base_url.rstrip("/")
        self.context = context or CallContext()
        self.limits = limits or Limits()
        self._auth = auth
        self._quota = quota.Account(vendor, account, quotas)
        self._reads = reads
        self._follow = follow_redirects
        self._credential_statuses = credential_statuses
        self._on_answer = on_answer

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Answer:
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Answer:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.request("DELETE", path, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        quota_cost: quota.Costs = None,
        ok: Collection[int] = SUCCESS,
        idempotent: bool | None = None,
        hides: Any = None,
    ) -> Answer:
        """Send `json` or `data` to `path`: below the base URL, or a whole address (a vendor's
        "next" link) within it.

        `quota_cost` says what the call takes of each named quota, where that is not the quota's own
        cost. `hides` says what `data` of bytes holds, for its secrets to be kept out of the log.
        """
        turns.take()
        kind, body = body_of(json, data)
        if hides is None:
            hides = data if json is None else json
        call = _Call(
            method=method,
            path=path,
            params=params or (),
            headers={**kind, **(headers or {})},
            body=body,
            hidden=secrets_in(hides),
            ok=ok,
            costs=quota_cost,
            auth=self._auth,
            ends=min(time.monotonic() + self.limits.total, transport.end()),
        )
        repeatable = method in IDEMPOTENT if idempotent is None else idempotent
        may_renew = True
        pause: float | None
        number = 1
        while True:
            try:
                return self._followed(call, number)
            except BadCredentials as error:
                renewed = (
                    self._renewed(call) if may_renew and error.status == UNAUTHORIZED else None
                )
                if renewed is None:
                    raise
                may_renew, pause, call = False, 0, replace(call, auth=renewed)
            except (Temporary, RateLimited) as error:
                pause = self._pause(error, number, call.ends) if repeatable else None
                if pause is None:
                    raise
            time.sleep(pause)
            number += 1

    def _renewed(self, call: _Call) -> Auth | None:
        """Return the auth that the call's became, for this call and those after it;
        None where it stays as it is.
        """
        renewed = None
        if isinstance(call.auth, Renewable):
            renewed = call.auth.renew()
        if renewed is not None:
            self._auth = renewed
        return renewed

    def _pause(self, error: VendorError, number: int, ends: float) -> float | None:
        """Return the seconds until the next attempt; None when there is to be none."""
        if number >= self.limits.attempts or _is_held_back(error):
            return None
        pause = self.limits.pause * 2 ** (number - 1) * random.uniform(0.5, 1)  # noqa: S311 - not a secret
        pause = min(pause, self.limits.longest_pause)
        if error.retry_after is not None:
            if error.retry_after > self.limits.longest_retry_after:
                return None
            pause = max(pause, error.retry_after)
        if time.monotonic() + pause < ends:
            return pause
        return None

    def _followed(self, call: _Call, number: int) -> Answer:
        """Make one attempt, with the redirects that this client follows:
        of GET, within the same origin.
        """
        for _hop in range(_MOST_REDIRECTS + 1):
            answer = self._attempt(call, number)
            if answer.status in call.ok or answer.status not in REDIRECTS:
                return answer
            target = urljoin(self._address(call.path), answer.headers.get("location", ""))
            call = replace(call, path=target, params=())
        raise Misconfigured(self.vendor, MOVED, status=answer.status)

    def _attempt(self, call: _Call, number: int) -> Answer:
        """Send once and log it, whatever comes of it."""
        attempt = Attempt(self._log_values(call, number))
        started = time.monotonic()
        try:
            attempt.spellings = call.hidden
            self._know_the_key(attempt, call.auth)
            url, headers = self._put_together(call)
            attempt.values["endpoint"] = endpoint(*_path_and_query(url))
            self._take(call)
            started = time.monotonic()
            answer = exchange(
                self.vendor, call.method, url, headers, call.body, self.limits, call.ends
            )
            is_redirect = call.method == "GET" and answer.status in REDIRECTS
            follows = self._follow and is_redirect
            costs = self._on_answer(answer, call.costs) if self._on_answer else None
            failure = None if follows else refusal(answer, call.ok, self._credential_statuses)
            self._learn(answer, call.costs if costs is None else costs)
            if failure is None and self._reads == "json" and answer.body and not follows:
                answer.json()
        except VendorError as error:
            success = None if _is_held_back(error) else False
            attempt.log(
                status=error.status,
                elapsed_ms=_since(started),
                error=error.message,
                success=success,
            )
            raise
        is_success = answer.status in SUCCESS
        attempt.log(
            status=answer.status,
            elapsed_ms=answer.elapsed_ms,
            # Long, so that no key in it is cut in two before the log has looked for it;
            # the log cuts it then.
            error="" if is_success else answer.text(100_000),
            success=_outcome(failure, is_success),
        )
        if failure is not None:
            raise failure
        return answer

    def _know_the_key(self, attempt: Attempt, auth: Auth | None) -> None:
        """Tell the log what to keep of the key and what to cut out;
        the key itself may turn out to be lost.
        """
        if auth is None:
            return
        try:
            key = auth.secret.reveal()
        except CannotOpen as error:
            raise BadCredentials(self.vendor, LOST_KEY) from error
        attempt.values["api_key_used"] = last_8(key)
        attempt.spellings = [*spellings(auth), *attempt.spellings]
        if not can_be_sent(auth):
            raise BadCredentials(self.vendor, UNUSABLE_KEY)

    def _take(self, call: _Call) -> None:
        patience = min(self.limits.quota_wait, call.ends - time.monotonic())
        try:
            self._quota.take(call.costs, patience)
        except quota.Exhausted as error:
            raise RateLimited(self.vendor, retry_after=error.retry_after) from error

    def _learn(self, answer: Answer, costs: quota.Costs) -> None:
        """Let all workers heed what the vendor says of its limit: nobody asks before it lets us."""
        spent = answer.headers.get("ratelimit-remaining") == "0"
        if answer.status == 429 or spent:
            wait = answer.retry_after
            if wait is None:
                # A 429 without a time: a short rest for all, and the caller's own pause grows.
                wait = 1
                if spent:
                    wait = 0
            self._quota.drain(costs, min(wait, self.limits.longest_drain))

    def _address(self, path: str) -> str:
        if _WHOLE.match(path):
            return path
        return f"{self.base_url}/{path.lstrip('/')}".rstrip("/")

    def _put_together(self, call: _Call) -> tuple[str, dict[str, str]]:
        """Return the address and headers as they go out, or raise the reason why they may not."""
        try:
            base, base_path = addresses.parse(self.base_url)
            origin, rest = addresses.parse(self._address(call.path))
        except addresses.Refused as error:
            raise Misconfigured(self.vendor, error.text) from error
        path, _, query = rest.partition("?")
        if origin != base or _SEGMENTS_UP & set(path.split("/")):
            raise Misconfigured(self.vendor, MOVED)
        request = Outgoing(path.removeprefix(base_path))
        prefix = ""
        if path.startswith(base_path):
            prefix = base_path
        request.headers = {
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        }
        request.headers |= dict(call.headers)
        request.params = [*parse_qsl(query, keep_blank_values=True), *pairs(call.params)]
        if call.auth is not None:
            call.auth.apply(request)
        query = ""
        if request.params:
            query = f"?{urlencode(request.params, errors='replace')}"
        return f"{origin}{prefix}{request.path}{query}", request.headers

    def _log_values(self, call: _Call, number: int) -> dict[str, Any]:
        values = dict(vars(self.context))
        values["bison_instance"] = values.pop("instance")
        return values | {
            "vendor": self.vendor,
            "account": self.account,
            "endpoint": call.path.partition("?")[0],
            "method": call.method,
            "attempt": number,
        }


def _is_held_back(error: VendorError) -> bool:
    """Tell whether our own quota held the call back: nothing was sent, and nobody failed."""
    return isinstance(error, RateLimited) and error.status is None


def _outcome(failure: VendorError | None, is_success: bool) -> bool | None:
    """Tell whether a call succeeded; None for an answer that the caller takes,
    and that is no success.
    """
    if failure is not None:
        return False
    if is_success:
        return True
    return None


def _path_and_query(url: str) -> tuple[str, str]:
    path, _, query = url.partition("://")[2].partition("/")[2].partition("?")
    return f"/{path}", query


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)

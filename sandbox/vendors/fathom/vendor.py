"""The routes: what each call of the API answers, what a key may see,
and which limits a call counts against.
"""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from sandbox.vendors.fathom.archive import Archive, Entry, Wish
from sandbox.vendors.fathom.cast import RECORDERS, mixed
from sandbox.vendors.fathom.deliveries import Delivery, Webhook, registered
from sandbox.vendors.fathom.meetings import ASKED, MEETING_TYPES, stamp
from sandbox.vendors.frame import Limit, Reply, Request, Route, Stop, Vendor, page, route

# The only keys it accepts: made up here, worth nothing anywhere else. Each is an account of
# its own: an administrator who sees every meeting, one who sees a third of them, and a rep who
# sees their own.
DEMO_KEYS: Final = (
    "koppel-demo.fathom-key_0001",
    "koppel-demo.fathom-key_0002",
    "koppel-demo.fathom-key_0003",
)
SEES: Final[dict[str, Callable[[Entry], bool]]] = {
    DEMO_KEYS[0]: lambda _entry: True,
    DEMO_KEYS[1]: lambda entry: mixed("third", entry.number) % 3 == 0,
    DEMO_KEYS[2]: lambda entry: entry.recorder.name == "Chloe Martin",
}
BASE: Final = "/external/v1"
PAGE_SIZE: Final = 10
_DEPARTMENTS: Final = [
    "Sales",
    "Success",
    "Partners",
    "Outbound",
    "Enterprise",
    "Onboarding",
    "Renewals",
    "Marketing",
]
_PLACES: Final = [
    "Antwerp",
    "Ghent",
    "Rotterdam",
    "Lille",
    "Cologne",
    "Leeds",
    "Porto",
    "Turin",
    "Aarhus",
    "Graz",
]
_HEAVY: Final = ("include_transcript", "include_summary")
_LISTS: Final = ("recorded_by[]", "teams[]", "calendar_invitees_domains[]")
_PARAMETERS: Final = {
    "created_after", "created_before", "calendar_invitees_domains_type", "meeting_type", "cursor",
    *_LISTS, *ASKED,
}  # fmt: skip
_DOMAIN_TYPES: Final = ("all", "only_internal", "one_or_more_external")


class Fathom(Vendor):
    name = "fathom"
    keys: ClassVar = dict(
        zip(("Administrator", "Sees a third", "Chloe Martin"), DEMO_KEYS, strict=True)
    )
    limits: ClassVar = {"global": Limit(60, 60), "heavy": Limit(30, 60)}
    switches: ClassVar = {
        "rate_limits": True,
        "heavy_limit": 30,  # the vendor lowers it to 5 under load
        "teams": 3,
        "team_plan": True,
        "team_refusal": 400,  # 422 has been seen too
        "revoked": [],  # keys whose user was deactivated
        "meetings": 400,
        "per_day": 0,  # 0: ten, or more where there are many meetings
        "size": 0,  # bytes of a meeting with all its parts; 0: as short as a demo needs
        "recorders": [],  # addresses that take the place of the trial's people
        "unasked": "null",  # or "absent": the vendor does not say which
        # Whether created_after and created_before include their own moment: nor this
        "inclusive": True,
        "live": False,  # new meetings come as time passes
        "arriving": 0,  # a new meeting comes before every so manieth page: what was read shifts
        "equal_times": 1,  # so many meetings in a row have one created_at
        "nulls": 0.0,  # shares of the meetings: oddities.py
        "strange": 0.0,
        "broken": 0.0,
        "webhook_pauses": [0.3, 1, 3],  # seconds between the tries of a delivery
        "webhook_repeats": 0,  # times that a delivery is sent again although it was taken
    }
    # Those that decide which meetings there are.
    _SHAPING: ClassVar = {"meetings", "per_day", "recorders", "equal_times"}

    def reset(self) -> None:
        super().reset()
        self.webhooks: dict[str, Webhook] = {}
        self.deliveries: list[Delivery] = []
        self._pages = 0
        self._archive: Archive | None = None

    def turn(self, changes: dict[str, Any]) -> None:
        super().turn(changes)
        with self.lock:
            if self._SHAPING & set(changes):
                self._archive = None
            elif self._archive:
                for entry in self._archive.entries.values():
                    entry.rendered.clear()

    @property
    def archive(self) -> Archive:
        """Return the archive, made when it is first asked for: a start need not wait for it."""
        if self._archive is None:
            self._archive = Archive(self.seed, self.switched)
        return self._archive

    # --- Keys and limits --------------------------------------------------------------------------
    def account(self, request: Request) -> str:
        key = request.headers.get("x-api-key", "")
        if key not in SEES or key in self.switched["revoked"]:
            raise Stop(Reply(401, {"error": "Invalid or missing API key"}))
        return key

    def limits_of(self, request: Request, known: Route) -> tuple[str, ...]:
        asks_much = request.path.endswith("/meetings") and any(
            request.argument(name) == "true" for name in _HEAVY
        )
        return ("global", "heavy") if asks_much else known.limits

    def limit(self, name: str) -> Limit:
        return (
            Limit(int(self.switched["heavy_limit"]), 60) if name == "heavy" else self.limits[name]
        )

    # --- Meetings ---------------------------------------------------------------------------------
    @route("GET", f"{BASE}/meetings", limits=("global",))
    def meetings(self, request: Request) -> Reply:
        wish, after, before = _wish(request)
        parts = tuple(part for name, part in ASKED.items() if _flag(request, name))
        key = self.account(request)
        sees = SEES[key]
        with self.lock:
            self._move_on()
            places = self.archive.find(wish, after, before, sees)
            found = page(places, _start(request.argument("cursor")), PAGE_SIZE, request)
            rows = [
                self.archive.render(entry, parts)
                for entry in self.archive.at(wish, found.rows, sees)
            ]
        cursor = "null" if found.following is None else f'"{_cursor(found.following)}"'
        head = f'{{"limit": {PAGE_SIZE}, "next_cursor": {cursor}, "items": ['.encode()
        return Reply(200, head + b", ".join(rows) + b"]}")

    def _move_on(self) -> None:
        """Let come in what came in since the last page."""
        come = self.archive.grow() if self.switched["live"] else []
        self._pages += 1
        if (every := int(self.switched["arriving"])) and self._pages % every == 0:
            come.append(self.archive.add({}, int(datetime.now(UTC).timestamp())))
        for entry in come:
            self._deliver(entry)

    @route("GET", f"{BASE}/recordings/{{recording_id}}/summary", limits=("global", "heavy"))
    def summary(self, request: Request, recording_id: str) -> Reply:
        return self._part(request, recording_id, "summary", "default_summary")

    @route("GET", f"{BASE}/recordings/{{recording_id}}/transcript", limits=("global", "heavy"))
    def transcript(self, request: Request, recording_id: str) -> Reply:
        return self._part(request, recording_id, "transcript", "transcript")

    def _part(self, request: Request, recording_id: str, name: str, part: str) -> Reply:
        if not recording_id.isdecimal():
            raise Stop(Reply(400, {"error": "recording_id is not a number"}))
        with self.lock:
            entry = self.archive.entries.get(int(recording_id))
            if entry is None or not SEES[self.account(request)](entry):
                raise Stop(Reply(404, {"error": "Not found"}))
            if url := request.argument("destination_url"):
                return Reply(200, {"destination_url": url})
            return Reply(200, {name: self.archive.whole(entry)[part]})

    # --- The account ------------------------------------------------------------------------------
    @route("GET", f"{BASE}/teams", limits=("global",))
    def teams(self, request: Request) -> Reply:
        return self._list(request, self._all_teams())

    @route("GET", f"{BASE}/team_members", limits=("global",))
    def team_members(self, request: Request) -> Reply:
        team = request.argument("team")
        rows = [
            {"name": who.name, "email": who.email, "created_at": "2025-01-06T09:00:00Z"}
            for who in RECORDERS
            if who.team and team in {"", who.team}
        ]
        return self._list(request, rows)

    @route("GET", f"{BASE}/users", limits=("global",))
    def users(self, request: Request) -> Reply:
        """Refuse: this is for the account's administrators alone, which no key of ours is."""
        return Reply(403, {"error": "Forbidden"})

    @route("GET", f"{BASE}/meeting_types", limits=("global",))
    def meeting_types(self, request: Request) -> Reply:
        rows = [
            {"name": name, "status": "active", "created_at": "2025-01-06T09:00:00Z"}
            for name in MEETING_TYPES
        ]
        return self._list(request, rows)

    def _all_teams(self) -> list[dict[str, Any]]:
        """Return as many as the switch says; the first of a longer list are those of a shorter
        list.
        """
        opened = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
        names = [f"{department} {place}" for place in _PLACES for department in _DEPARTMENTS]
        return [
            {
                "name": names[number % len(names)]
                + (f" {number // len(names) + 1}" if number >= len(names) else ""),
                "created_at": stamp(opened + timedelta(days=3 * number)),
            }
            for number in range(int(self.switched["teams"]))
        ]

    def _list(self, request: Request, rows: list[dict[str, Any]]) -> Reply:
        """Put rows into the envelope of every list. A cursor is the number of a page in base64."""
        found = page(rows, _start(request.argument("cursor")), PAGE_SIZE, request)
        cursor = None if found.following is None else _cursor(found.following)
        return Reply(200, {"limit": PAGE_SIZE, "next_cursor": cursor, "items": found.rows})

    # --- Webhooks ---------------------------------------------------------------------------------
    @route("POST", f"{BASE}/webhooks", limits=("global",))
    def create_webhook(self, request: Request) -> Reply:
        made = registered(
            self.account(request),
            request.json(),
            stamp(datetime.now(UTC)),
            team_plan=bool(self.switched["team_plan"]),
            refusal=int(self.switched["team_refusal"]),
        )
        with self.lock:
            self.webhooks[made.id] = made
        return Reply(201, made.as_json())

    @route("DELETE", f"{BASE}/webhooks/{{webhook_id}}", limits=("global",))
    def delete_webhook(self, request: Request, webhook_id: str) -> Reply:
        with self.lock:
            known = self.webhooks.get(webhook_id)
            if known is None or known.account != self.account(request):
                raise Stop(Reply(404, {"error": "Not found"}))
            del self.webhooks[webhook_id]
        return Reply(204)

    def _deliver(self, entry: Entry) -> None:
        """Deliver to every address whose owner sees it, as soon as there is a summary.

        Without a summary, none is ever sent.
        """
        summary = self.archive.whole(entry)["default_summary"]
        if not summary or not summary.get("markdown_formatted"):
            return
        for webhook in self.webhooks.values():
            if SEES[webhook.account](entry):
                delivery = Delivery(webhook, entry.id, self.archive.render(entry, webhook.parts))
                self.deliveries.append(delivery)
                delivery.begin(
                    self.switched["webhook_pauses"], int(self.switched["webhook_repeats"])
                )

    # --- What a test asks for ---------------------------------------------------------------------
    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Do `arrive`, `change`, `vanish`, `redeliver`, `facts`, `deliveries` or `webhooks`."""
        acts: dict[str, Callable[..., Any]] = {
            "arrive": self._arrive,
            "change": self._change,
            "vanish": self._vanish,
            "redeliver": self._redeliver,
            "facts": self.archive.facts,
            "deliveries": lambda: [delivery.as_json() for delivery in self.deliveries],
            "webhooks": lambda: [webhook.as_json() for webhook in self.webhooks.values()],
        }
        if name not in acts:
            raise ValueError(f"{self.name} cannot {name}")
        with self.lock:
            return acts[name](**wishes)

    def _arrive(
        self, count: int = 1, seconds_ago: int = 0, quiet: bool = False, **changes: Any
    ) -> list[int]:
        """Let new meetings arrive, created so long ago, with these fields.

        `quiet`: no webhook is told of them.
        """
        created = int(datetime.now(UTC).timestamp()) - seconds_ago
        come = [self.archive.add(changes, created) for _ in range(count)]
        for entry in [] if quiet else come:
            self._deliver(entry)
        return [entry.id for entry in come]

    def _change(self, recording_id: int, **changes: Any) -> None:
        """Make later edits.

        A first summary makes the meeting's content ready: webhooks are told of that alone.
        """
        entry = self.archive.entries[recording_id]
        waited = self.archive.whole(entry)["default_summary"] is None
        self.archive.change(entry, changes)
        if waited:
            self._deliver(entry)

    def _vanish(self, recording_id: int) -> None:
        self.archive.remove(self.archive.entries[recording_id])

    def _redeliver(self, id: str) -> int:  # noqa: A002 - the delivery's own name for it
        """Send a delivery again, as the vendor's retry does; return the status that it gets."""
        return next(delivery for delivery in self.deliveries if delivery.id == id).send()


def _wish(request: Request) -> tuple[Wish, int | None, int | None]:
    """Read the filters; Stop with 400 for what is none.

    It is stricter than the vendor may be, so that our slips show.
    """
    if set(request.query) - _PARAMETERS:
        raise Stop(Reply(400, {"error": "Unknown parameters"}))
    domains_type = request.argument("calendar_invitees_domains_type", "all")
    if domains_type not in _DOMAIN_TYPES:
        raise Stop(Reply(400, {"error": "calendar_invitees_domains_type is not valid"}))
    key = request.headers["x-api-key"]
    lists = [frozenset(request.query.get(name, ())) for name in _LISTS]
    wish = Wish(
        recorded_by=frozenset(address.lower() for address in lists[0]),
        teams=lists[1],
        domains=lists[2],
        domains_type=domains_type,
        meeting_type=request.argument("meeting_type"),
        sees="" if key == DEMO_KEYS[0] else key,
    )
    return wish, _moment(request, "created_after"), _moment(request, "created_before")


def _moment(request: Request, name: str) -> int | None:
    text = request.argument(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Stop(Reply(400, {"error": f"{name} is not a time"})) from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _flag(request: Request, name: str) -> bool:
    value = request.argument(name, "false")
    if value not in {"true", "false"}:
        raise Stop(Reply(400, {"error": f"{name} is not true or false"}))
    return value == "true"


def _cursor(start: int) -> str:
    return base64.b64encode(f"page:{start // PAGE_SIZE + 1}".encode()).decode()


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word != "page":
            raise ValueError(word)
        return (max(1, int(number)) - 1) * PAGE_SIZE
    except ValueError as error:
        raise Stop(Reply(400, {"error": "Invalid cursor"})) from error

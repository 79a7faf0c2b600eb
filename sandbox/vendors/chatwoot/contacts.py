"""Contacts: 15 on a page, found by a part of a text, unique by e-mail, phone and identifier."""

from typing import Any, Final

from sandbox.vendors.chatwoot import refusals
from sandbox.vendors.chatwoot.callers import BASE, Part, body_of, number
from sandbox.vendors.chatwoot.hooks import announce
from sandbox.vendors.chatwoot.world import Account, Inbox, source_id
from sandbox.vendors.frame import Reply, Request, page, route

PAGE_SIZE: Final = 15
UNIQUE: Final = ("email", "phone_number", "identifier")
WRITTEN: Final = ("name", *UNIQUE, "blocked")
MERGED: Final = ("additional_attributes", "custom_attributes")
SORTS: Final = {"name", "email", "phone_number", "created_at", "company_name", "city", "country"}
TITLES: Final = {"email": "Email", "phone_number": "Phone number", "identifier": "Identifier"}
Row = dict[str, Any]


class Contacts(Part):
    """What there is of contacts."""

    @route("GET", f"{BASE}/contacts", ("all",))
    def contacts(self, request: Request, account_id: str) -> Reply:
        account = self.account_of(request, account_id)
        rows = [row for row in account.contacts.values() if any(row[name] for name in UNIQUE)]
        return _page(request, _sorted(request, rows))

    @route("GET", f"{BASE}/contacts/search", ("all", "search"))
    def by_text(self, request: Request, account_id: str) -> Reply:
        """Search. Answers are looked for in the order of their names, and `contact` would take
        this address too.
        """
        account = self.account_of(request, account_id)
        wanted = request.argument("q").strip()
        if not wanted:
            return Reply(200, {"meta": {"count": None, "current_page": None}, "payload": []})
        found = [row for row in account.contacts.values() if _contains(row, wanted)]
        rows = page(_sorted(request, found), _start(request), PAGE_SIZE, request)
        meta = {
            "count": len(rows.rows),
            "current_page": _current(request),
            "has_more": rows.following is not None,
        }
        return Reply(200, {"meta": meta, "payload": rows.rows})

    @route("POST", f"{BASE}/contacts/filter", ("all",))
    def filter(self, request: Request, account_id: str) -> Reply:
        account = self.account_of(request, account_id)
        conditions = body_of(request).get("payload")
        if not isinstance(conditions, list) or not conditions:
            raise refusals.refused(422, "Invalid filter")
        rows = list(account.contacts.values())
        for condition in conditions:
            rows = [row for row in rows if _meets(row, condition)]
        return _page(request, rows)

    @route("POST", f"{BASE}/contacts", ("all",))
    def create_contact(self, request: Request, account_id: str) -> Reply:
        account = self.account_of(request, account_id)
        wish = body_of(request, "contact")
        inbox = _inbox_of(account, wish.get("inbox_id"))
        with self.lock:
            _check(account, wish)
            values = {name: wish[name] for name in WRITTEN if wish.get(name) is not None}
            merged = {name: dict(wish.get(name) or {}) for name in MERGED}
            row = self.world.contact(account, values | merged)
        link: Row = {}
        if inbox is not None:
            link = {
                "inbox": {"id": inbox.id, "name": inbox.name},
                "source_id": wish.get("source_id") or source_id(),
            }
        self._announce(account, "contact_created", row)
        return Reply(200, {"payload": {"contact": row, "contact_inbox": link}})

    @route("GET", f"{BASE}/contacts/{{contact_id}}", ("all",))
    def contact(self, request: Request, account_id: str, contact_id: str) -> Reply:
        return Reply(200, {"payload": _row(self.account_of(request, account_id), contact_id)})

    @route("PUT", f"{BASE}/contacts/{{contact_id}}", ("all",))
    def put_contact(self, request: Request, account_id: str, contact_id: str) -> Reply:
        account = self.account_of(request, account_id)
        row = _row(account, contact_id)
        wish = body_of(request, "contact")
        with self.lock:
            _check(account, wish, but=row["id"])
            changed = self.change_row(row, wish)
        if changed:
            self._announce(account, "contact_updated", row, changed)
        return Reply(200, {"payload": row})

    @route("PATCH", f"{BASE}/contacts/{{contact_id}}", ("all",))
    def patch_contact(self, request: Request, account_id: str, contact_id: str) -> Reply:
        return self.put_contact(request, account_id, contact_id)

    @route("DELETE", f"{BASE}/contacts/{{contact_id}}", ("all",))
    def remove_contact(self, request: Request, account_id: str, contact_id: str) -> Reply:
        account = self.account_of(request, account_id, admin=True)
        row = _row(account, contact_id)
        if row["availability_status"] == "online":
            raise refusals.invalid({"base": "Contact is online"})
        with self.lock:
            account.contacts.pop(row["id"], None)
        return Reply(200)

    def change_row(self, row: Row, wish: Row) -> list[Row]:
        """Write what was wished, attributes key by key; return what differs now."""
        before = dict(row)
        row |= {name: wish[name] for name in WRITTEN if name in wish}
        for name in MERGED:
            row[name] = {**row[name], **(wish.get(name) or {})}
        differing = [name for name in (*WRITTEN, *MERGED) if before[name] != row[name]]
        return [
            {name: {"previous_value": before[name], "current_value": row[name]}}
            for name in differing
        ]

    def _announce(
        self, account: Account, event: str, row: Row, changed: list[Row] | None = None
    ) -> None:
        announce(self, account, event, _payload(account, event, row, changed))


def _payload(account: Account, event: str, row: Row, changed: list[Row] | None) -> Row:
    names = ("id", "name", *UNIQUE, "blocked", "thumbnail", *MERGED)
    payload: Row = {
        "event": event,
        "account": {"id": account.id, "name": account.name},
        "avatar": "",
    }
    payload |= {name: row[name] for name in names}
    if event == "contact_updated":
        payload["changed_attributes"] = changed
    return payload


def _row(account: Account, contact_id: str) -> Row:
    row = account.contacts.get(number(contact_id))
    if row is None:
        raise refusals.missing()
    return row


def _inbox_of(account: Account, wished: Any) -> Inbox | None:
    if wished is None:
        return None
    inbox = account.inboxes.get(number(str(wished)))
    if inbox is None:
        raise refusals.missing()
    return inbox


def _check(account: Account, wish: Row, but: int = 0) -> None:
    """Refuse what another contact has already, and what is no address or number."""
    wrong = {}
    for name in UNIQUE:
        value = str(wish.get(name) or "").strip().lower()
        others = [row for row in account.contacts.values() if row["id"] != but and row[name]]
        if value and any(row[name].lower() == value for row in others):
            wrong[name] = f"{TITLES[name]} has already been taken"
    if (email := wish.get("email")) and "@" not in str(email):
        wrong["email"] = "Email is invalid"
    phone = str(wish.get("phone_number") or "+0")
    if not phone.startswith("+") or not phone[1:].isdecimal():
        wrong["phone_number"] = "Phone number should be in e164 format"
    if wrong:
        raise refusals.invalid(wrong)


def _contains(row: Row, wanted: str) -> bool:
    folded = [str(row[name] or "").lower() for name in ("name", "email", "phone_number")]
    return any(wanted.lower() in text for text in folded) or wanted in str(row["identifier"] or "")


def _meets(row: Row, condition: Any) -> bool:
    if not isinstance(condition, dict) or condition.get("attribute_key") not in {"name", *UNIQUE}:
        raise refusals.refused(422, "Invalid attribute key")
    values = [str(value).lower() for value in condition.get("values") or []]
    text = str(row[condition["attribute_key"]] or "").lower()
    match condition.get("filter_operator"):
        case "equal_to":
            return text in values
        case "contains":
            return any(value in text for value in values)
        case other:
            raise refusals.refused(422, f"Invalid operator {other}")


def _sorted(request: Request, rows: list[Row]) -> list[Row]:
    wish = request.argument("sort", "name")
    name = wish.removeprefix("-")
    if name not in SORTS:
        name = "name"
    found = sorted(rows, key=lambda row: row["id"])
    return sorted(found, key=lambda row: _weight(row, name), reverse=wish.startswith("-"))


def _weight(row: Row, name: str) -> tuple[float, str]:
    value = row.get(name) or row["additional_attributes"].get(name) or ""
    if isinstance(value, int):
        return value, ""
    return 0, str(value).lower()


def _start(request: Request) -> int:
    text = request.argument("page", "1")
    return (max(1, int(text)) - 1) * PAGE_SIZE if text.isdecimal() else 0


def _current(request: Request) -> int | str:
    """Return the page's number: a text where it was asked for by its number."""
    return request.argument("page") or 1


def _page(request: Request, rows: list[Row]) -> Reply:
    found = page(rows, _start(request), PAGE_SIZE, request)
    return Reply(
        200,
        {"meta": {"count": len(rows), "current_page": _current(request)}, "payload": found.rows},
    )

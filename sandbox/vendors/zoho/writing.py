"""Writes of up to a hundred rows, and what each row becomes."""

from collections.abc import Callable
from typing import Any

from sandbox.vendors.frame import Reply
from sandbox.vendors.zoho.contacts import OWNER, Contacts
from sandbox.vendors.zoho.fields import wrong
from sandbox.vendors.zoho.refusals import body, refused

MOST_ROWS = 100
Row = dict[str, Any]


class Writer:
    """Writes contacts under the switches as they are now."""

    def __init__(self, contacts: Contacts, switched: dict[str, Any]) -> None:
        self.contacts = contacts
        self.switched = switched
        # Whether workflows ran, for each write.
        self.workflows: list[bool] = []

    def create(self, wanted: Any) -> Reply:
        return self._each(wanted, self._create, 201)

    def update(self, wanted: Any) -> Reply:
        return self._each(wanted, self._update, 200)

    def upsert(self, wanted: Any) -> Reply:
        """Write by the fields that are to be checked; without any, by the address as well."""
        checked = (
            wanted.get("duplicate_check_fields", ["Email"]) if isinstance(wanted, dict) else []
        )
        if checked != ["Email"]:
            raise refused(400, "INVALID_DATA", "invalid data", api_name="duplicate_check_fields")
        return self._each(wanted, self._upsert, 200)

    def _each(self, wanted: Any, write: Callable[[Row], Row], status: int) -> Reply:
        rows = wanted.get("data") if isinstance(wanted, dict) else None
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise refused(400, "MANDATORY_NOT_FOUND", "required field not found", api_name="data")
        if len(rows) > MOST_ROWS:
            raise refused(
                400,
                "LIMIT_EXCEEDED",
                f"the data array exceeds {MOST_ROWS} records",
                limit=MOST_ROWS,
            )
        self.workflows.append(wanted.get("trigger") != [])
        with self.contacts.lock:
            answers = [write(row) for row in rows]
        failures = sum(answer["status"] == "error" for answer in answers)
        if failures == len(answers):
            status = int(self.switched["failed_status"])
        elif failures:
            status = 207
        return Reply(status, {"data": answers})

    def _create(self, values: Row) -> Row:
        if refusal := wrong(values, creates=True):
            return refusal
        address = str(values.get("Email") or "")
        if self.switched["unique_email"] and address and (known := self.contacts.having(address)):
            return body("DUPLICATE_DATA", "duplicate data", api_name="Email", id=known[0]["id"])
        return _written(self.contacts.add(values), "record added")

    def _update(self, values: Row) -> Row:
        row = self.contacts.rows.get(str(values.get("id") or ""))
        if row is None:
            return body("INVALID_DATA", "the id given seems to be invalid", api_name="id")
        if refusal := wrong(values, creates=False):
            return refusal
        self.contacts.write(row, values)
        return _written(row, "record updated")

    def _upsert(self, values: Row) -> Row:
        known = self.contacts.having(str(values.get("Email") or "")) if values.get("Email") else []
        if refusal := wrong(values, creates=not known or bool(self.switched["upsert_is_strict"])):
            return refusal
        if known:
            self.contacts.write(known[0], values)
            return _written(known[0], "record updated") | {
                "action": "update",
                "duplicate_field": "Email",
            }
        return _written(self.contacts.add(values), "record added") | {
            "action": "insert",
            "duplicate_field": None,
        }


def _written(row: Row, message: str) -> Row:
    who = {"name": OWNER["name"], "id": OWNER["id"]}
    details = {"id": row["id"], "Created_Time": row["Created_Time"],
               "Modified_Time": row["Modified_Time"],
               "Created_By": who, "Modified_By": who}  # fmt: skip
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}

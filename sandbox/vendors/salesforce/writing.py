"""Writes: one contact or two hundred, and what each row becomes."""

from typing import Any

from sandbox.vendors.frame import Reply, Stop
from sandbox.vendors.salesforce.contacts import Contacts
from sandbox.vendors.salesforce.fields import COLUMNS, OBJECT, wrong
from sandbox.vendors.salesforce.refusals import not_found, refused, row_error

MOST_ROWS = 200
# What a contact may be written by.
KEYS = {"Email", *(name for name, column in COLUMNS.items() if column.external_id)}


class Writer:
    """Writes contacts under the switches as they are now."""

    def __init__(self, contacts: Contacts, switched: dict[str, Any]) -> None:
        self.contacts = contacts
        self.switched = switched

    def create(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what a row of a batch becomes."""
        values = _bare(values)
        if refusal := self._refusal(values, creates=True):
            return refusal
        address = str(values.get("Email") or "")
        with self.contacts.lock:
            if (
                self.switched["duplicate_rule"]
                and address
                and self.contacts.having("Email", address)
            ):
                return row_error("DUPLICATES_DETECTED", "Use one of these records?")
            return {"id": self.contacts.add(values)["Id"], "success": True, "errors": []}

    def update(self, contact_id: str, values: dict[str, Any]) -> dict[str, Any]:
        """Return what a row of a batch becomes."""
        values = _bare(values)
        if refusal := self._refusal(values, creates=False):
            return refusal
        with self.contacts.lock:
            row = self.contacts.find(contact_id)
            if row is None:
                return row_error("ENTITY_IS_DELETED", "entity is deleted")
            self.contacts.write(row, values)
        return {"id": row["Id"], "success": True, "errors": []}

    def upsert(
        self, field: str, value: str, values: dict[str, Any], *, only_update: bool = False
    ) -> Reply:
        """Write the contact that has this value; 300 where several have it."""
        if field not in KEYS:
            raise not_found(
                f"Provided external ID field does not exist or is not accessible: {field}"
            )
        if field in values:
            message = f"The {field} field should not be specified in the sobject data."
            raise refused(400, "INVALID_FIELD", message)
        with self.contacts.lock:
            found = self.contacts.having(field, value)
            if len(found) > 1:
                return Reply(
                    300, [f"/services/data/v66.0/sobjects/{OBJECT}/{row['Id']}" for row in found]
                )
            if found:
                written = self.update(found[0]["Id"], values)
                return single(written, Reply(200, {**written, "created": False}))
            if only_update:
                raise not_found()
            written = self.create({**values, field: value})
            return single(written, Reply(201, {**written, "created": True}))

    def batch(self, body: Any, *, creates: bool) -> Reply:
        """Write up to 200 rows of a collection; the answer is 200 whatever became of them."""
        rows = _rows(body)
        answers = []
        for row in rows:
            if creates:
                answers.append(self.create(row))
            else:
                answers.append(self.update(str(row.get("Id") or row.get("id") or ""), row))
        if body.get("allOrNone") and not all(answer["success"] for answer in answers):
            raise refused(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back")
        return Reply(200, answers)

    def upsert_batch(self, field: str, body: Any) -> Reply:
        """Upsert up to 200 rows by a field of theirs."""
        answers = []
        for row in _rows(body):
            value = str(row.get(field) or "")
            values = {name: kept for name, kept in row.items() if name != field}
            try:
                reply = self.upsert(field, value, values)
            except Stop as stop:
                reply = stop.reply
            if reply.status == 300:
                answers.append(
                    row_error(
                        "DUPLICATE_EXTERNAL_ID", f"{field}: more than one record found: {value}"
                    )
                )
            elif reply.status >= 400:
                answers.append(row_error(reply.body[0]["errorCode"], reply.body[0]["message"]))
            else:
                answers.append(reply.body)
        return Reply(200, answers)

    def _refusal(self, values: dict[str, Any], *, creates: bool) -> dict[str, Any] | None:
        if self.switched["locked_rows"]:
            self.switched["locked_rows"] -= 1
            return row_error(
                "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"
            )
        if self.switched["access"] != "write":
            code = "INSUFFICIENT_ACCESS_OR_READONLY"
            return row_error(code, "insufficient access rights on object id")
        found = wrong(values, creates=creates, hidden=self.switched["hidden_fields"])
        return row_error(*found) if found else None


def single(written: dict[str, Any], reply: Reply) -> Reply:
    """Answer what one row became, as its own call does; Stop where it was refused."""
    if written["success"]:
        return reply
    first = written["errors"][0]
    status = 403 if first["statusCode"].startswith("INSUFFICIENT") else 400
    raise refused(status, first["statusCode"], first["message"], first["fields"])


def _rows(body: Any) -> list[dict[str, Any]]:
    rows = body.get("records") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows:
        raise refused(400, "JSON_PARSER_ERROR", "records is missing")
    if len(rows) > MOST_ROWS:
        raise refused(
            400,
            "INVALID_INPUT",
            f"record limit reached. cannot submit more than {MOST_ROWS} records",
        )
    if not all(
        isinstance(row, dict) and row.get("attributes", {}).get("type") == OBJECT for row in rows
    ):
        raise refused(400, "INVALID_INPUT", "The type field is required in attributes")
    return rows


def _bare(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in {"attributes", "Id", "id"}}

"""Contacts written to a CRM of any make: found by address first, so that none is made twice."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from core.errors import Rejected, VendorError
from core.http import Client
from core.vendors import Values
from core.words.sayings import Text
from integrations.contacts.speaking import CREATED, FAILED, UPDATED, ContactWrite, Written
from integrations.providers.freeform import mapping, paths
from integrations.providers.freeform.refusals import NO_PLACE, READS_ONLY, AtPath

CANNOT_FIND: Final = _(
    "Set a path that finds a contact by e-mail address: else one could be made twice."
)
NOT_CHANGED: Final = _("Contacts that are there already are not changed: no path for that is set.")
MANY: Final = _("Several contacts there have this e-mail address. Merge them there first.")
NOT_REACHED: Final = _("It was not sent: the service stopped answering before.")
EMAIL: Final = "{email}"
ID: Final = "{id}"


def is_declared(values: Values) -> bool:
    """Tell whether anything is written at all."""
    return any(_method(values, act) for act in ("create", "update"))


def upsert(client: Client, values: Values, writes: Sequence[ContactWrite]) -> list[Written]:
    """Write each contact; what the service refuses is that contact's alone.

    Raise VendorError where the very first could not be sent, so that nothing was.
    """
    if not is_declared(values):
        return [Written(write.key, write.vendor_id or "", FAILED, READS_ONLY) for write in writes]
    done: list[Written] = []
    stopped: Text = ""
    for write in writes:
        if stopped:
            done.append(Written(write.key, write.vendor_id or "", FAILED, NOT_REACHED))
            continue
        try:
            done.append(_written(client, values, write))
        except Rejected as error:
            done.append(Written(write.key, write.vendor_id or "", FAILED, error.message))
        except VendorError as error:
            if not done:
                raise
            stopped = error.message
            done.append(Written(write.key, write.vendor_id or "", FAILED, stopped))
    return done


def _written(client: Client, values: Values, write: ContactWrite) -> Written:
    vendor_id = write.vendor_id or ""
    if not vendor_id and values.text("write.findPath"):
        found = _found(client, values, write.email)
        if len(found) > 1:
            return Written(write.key, "", FAILED, MANY)
        vendor_id = found[0] if found else ""
    if vendor_id:
        return _changed(client, values, write, vendor_id)
    return _made(client, values, write)


def _changed(client: Client, values: Values, write: ContactWrite, vendor_id: str) -> Written:
    method = _method(values, "update")
    if not method:
        return Written(write.key, vendor_id, FAILED, NOT_CHANGED)
    path = _filled(values.text("write.updatePath"), write.email, vendor_id)
    client.request(method, path, json=_body(client.vendor, values, write))
    return Written(write.key, vendor_id, UPDATED)


def _made(client: Client, values: Values, write: ContactWrite) -> Written:
    """Make a contact. PUT to a path with the address in it makes no second one,
    whoever else is at it.
    """
    method = _method(values, "create")
    path = values.text("write.createPath")
    is_safe = method == "PUT" and EMAIL in path
    if not method:
        return Written(write.key, "", FAILED, READS_ONLY)
    if not (is_safe or values.text("write.findPath")):
        return Written(write.key, "", FAILED, CANNOT_FIND)
    answer = client.request(
        method, _filled(path, write.email, ""), json=_body(client.vendor, values, write)
    )
    body = answer.json() if answer.body else {}
    return Written(write.key, _id_in(values, body), CREATED)


def _found(client: Client, values: Values, email: str) -> list[str]:
    """Return the ids of the contacts that have this very address;
    none where the service knows none.
    """
    path = _filled(values.text("write.findPath"), email, "")
    answer = client.get(path, ok={200, 204, 404})
    body = answer.json() if answer.body and answer.status == 200 else []
    items = body if isinstance(body, list) else paths.find(body, values.text("itemsPath"))
    if isinstance(items, dict):
        items = [items]
    places = mapping.places_of(values)
    contacts = [mapping.contact(item, places) for item in items or ()]
    wanted = email.casefold()
    return list(
        dict.fromkeys(
            each.id for each in contacts if each.fields.get("email", "").casefold() == wanted
        )
    )


def _id_in(values: Values, body: Any) -> str:
    for place in (values.text("write.within"), values.text("itemsPath"), ""):
        inner = paths.find(body, place)
        if found := paths.text_at(inner, values.text("mapping.id")):
            return found
    return ""


def _body(vendor: str, values: Values, write: ContactWrite) -> dict[str, Any]:
    places = mapping.places_of(values)
    found: dict[str, Any] = {}
    for name, value in _with_parts(write.fields, places).items():
        if places.get(name):
            _put(vendor, found, places[name], value)
    if places.get("email") and "email" not in write.fields and write.email:
        _put(vendor, found, places["email"], write.email)
    whole: dict[str, Any] = {}
    within = values.text("write.within")
    if not within:
        return found
    _put(vendor, whole, within, found)
    return whole


def _put(vendor: str, target: dict[str, Any], path: str, value: Any) -> None:
    try:
        paths.put(target, path, value)
    except ValueError:
        raise AtPath(vendor, NO_PLACE, path) from None


def _with_parts(fields: Mapping[str, str], places: Mapping[str, str]) -> Mapping[str, str]:
    """Return the fields with the name in two parts, where the service has no place
    for a whole one.
    """
    if places.get("name") or "name" not in fields or {"firstName", "lastName"} & set(fields):
        return fields
    first, _, last = fields["name"].partition(" ")
    if not places.get("lastName"):
        return {**fields, "firstName": fields["name"]}
    if not places.get("firstName"):
        return {**fields, "lastName": fields["name"]}
    return {**fields, "firstName": first, "lastName": last}


def _filled(path: str, email: str, vendor_id: str) -> str:
    return path.replace(EMAIL, quote(email, safe="")).replace(ID, quote(vendor_id, safe=""))


def _method(values: Values, act: str) -> str:
    method = values.text(f"write.{act}Method")
    if method in {"", "NONE"} or not values.text(f"write.{act}Path"):
        return ""
    return method

"""One call of a CRM's stand-in, as a test makes it."""

import json
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import jsonschema


def ask(sandbox, vendor, method, path, body=None, *, query=(), headers=()):
    """The status, the body and the headers of an answer."""
    url = f"{sandbox.url(vendor, path)}?{urlencode(list(query))}"
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(url, data, dict(headers), method=method), timeout=10) as answer:
            content, status, found = answer.read(), answer.status, answer.headers
    except HTTPError as error:
        content, status, found = error.read(), error.code, error.headers
    if content and "json" in found.get("content-type", ""):
        content = json.loads(content)
    return status, content, {name.lower(): value for name, value in found.items()}


def faults_of(schema, body):
    """What of a body its schema does not allow. Fields that are null count as absent:
    these are OpenAPI 3.0's.
    """
    judge = jsonschema.Draft202012Validator(schema)
    return [
        f"{list(fault.path)}: {fault.message}" for fault in judge.iter_errors(without_nulls(body))
    ]


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [without_nulls(part) for part in value]
    return value

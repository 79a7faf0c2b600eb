"""Fathom's stand-in as its callers ask it, and the vendor's schema that its answers
are held against.
"""

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import jsonschema

from sandbox.vendors.fathom import DEMO_KEYS

SPEC = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "fathom" / "openapi.json").read_text()
)


def fits(body, name):
    judge = jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": SPEC["components"]}
    )
    return [f"{list(fault.path)}: {fault.message}" for fault in judge.iter_errors(body)]


def ask(sandbox, path, query=(), *, key=DEMO_KEYS[0], method="GET", body=None):
    """The status and the body of one call."""
    url = f"{sandbox.url('fathom', '/external/v1')}{path}?{urlencode(query)}"
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(url, data, {"X-Api-Key": key}, method=method), timeout=10) as answer:
            content, status = answer.read(), answer.status
    except HTTPError as error:
        content, status = error.read(), error.code
    return status, json.loads(content) if content else None

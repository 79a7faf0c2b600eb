"""The page of the stand-ins: what each is, its keys, faults and switches to click,
and what was asked of it.

Plain forms, no script: a POST to `/_page` does what one button says and leads back to where it
stands. Whoever may use it is the affair of `server.Sandbox.control`, which refuses what
another site sends.
"""

import json
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from sandbox.vendors import faults
from sandbox.vendors.faults import Fault, Faults
from sandbox.vendors.frame import Reply, Request, Vendor

STYLE: Final = Path(__file__).with_suffix(".css")
ROWS: Final = 100
HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
ABOUT: Final = (
    "All data and keys are made up. What is switched here holds at once, until it is ended or "
    "the trial stops."
)
TIMES: Final = {"1": "the next request", "3": "the next three", "": "all, until it is ended"}


@dataclass(frozen=True)
class Shown:
    """What the page is made from."""

    vendors: dict[str, Vendor]
    faults: Faults
    journal: list[dict[str, Any]]
    app: str


def answer(shown: Shown, request: Request) -> Reply | None:
    """Answer with the page, its style, or what a button of it does; None for every other
    address.
    """
    match (request.method, request.path):
        case ("GET", "/"):
            return page(shown, request.argument("vendor"))
        case ("GET", "/_page.css"):
            return Reply(200, STYLE.read_bytes(), {"Content-Type": "text/css; charset=utf-8"})
        case ("POST", "/_page"):
            return act(shown, request)
    return None


def page(shown: Shown, only: str = "") -> Reply:
    """Write the whole page; `only`: the journal of one vendor."""
    app = f' of <a href="{escape(shown.app)}">{escape(shown.app)}</a>' if shown.app else ""
    parts = [
        (
            "<header><h1>Stand-in vendors</h1><p>They answer in place of the real "
            f"ones{app}. {ABOUT}</p></header>"
        ),
        _faults_on(shown.faults.as_json()),
        *[_vendor(vendor) for vendor in shown.vendors.values()],
        _journal(shown, only),
    ]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    )
    title = '<title>Stand-in vendors</title><link rel="stylesheet" href="/_page.css">'
    text = (
        f'<!doctype html><html lang="en"><head>{head}{title}</head>'
        f"<body><main>{''.join(parts)}</main></body></html>"
    )
    return Reply(200, text.encode(), dict(HEADERS))


def act(shown: Shown, request: Request) -> Reply:
    """Do what the button of a form says; raise ValueError for what is none."""
    form = {
        name: values[-1]
        for name, values in parse_qs(request.body.decode(), keep_blank_values=True).items()
    }
    vendor = form.get("vendor", "")
    match form.get("act", ""):
        case "fault":
            times = int(form["times"]) if form.get("times") else None
            shown.faults.switch_on(
                Fault(
                    vendor=_known(shown, vendor), kind=form["kind"], path=form["path"], times=times
                )
            )
        case "end":
            shown.faults.end(int(form["id"]))
        case "switch":
            _turn(shown.vendors[_known(shown, vendor)], form["name"], form["value"])
        case other:
            raise ValueError(f"There is no button named {other}")
    return Reply(303, headers={"Location": f"/#{vendor or 'faults'}"})


def _known(shown: Shown, name: str) -> str:
    if name not in shown.vendors:
        raise ValueError(f"There is no stand-in named {name}")
    return name


def _turn(vendor: Vendor, name: str, text: str) -> None:
    """Turn a switch to what was typed: a text as it is, anything else as JSON of the kind that it
    was declared with.
    """
    declared = vendor.switches.get(name)
    value = text if isinstance(declared, str) else json.loads(text)
    kinds = (int, float) if type(declared) in {int, float} else (type(declared),)
    if type(value) not in kinds:
        raise ValueError(f"{name} of {vendor.name} cannot be {text}")
    vendor.turn({name: value})


def _hidden(**values: Any) -> str:
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(value))}">'
        for name, value in values.items()
    )


def _form(inside: str, kind: str = "") -> str:
    return f'<form method="post" action="/_page" class="{kind}">{inside}</form>'


def _faults_on(on: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td>{escape(fault['vendor'] or 'all')}</td><td>{escape(fault['kind'])}</td>"
        f"<td>{escape(fault['path'] or 'every path')}</td><td>{_left(fault['times'])}</td>"
        f"<td>{_form(_hidden(act='end', id=fault['id']) + '<button>End</button>')}</td></tr>"
        for fault in on
    )
    head = "<tr><th>Vendor</th><th>Fault</th><th>Path</th><th>Requests left</th><th></th></tr>"
    inside = (
        f'<div class="wide"><table>{head}{rows}</table></div>'
        if on
        else "<p>None: all answer as they should.</p>"
    )
    return f'<section id="faults"><h2>Faults that are on</h2>{inside}</section>'


def _left(times: int | None) -> str:
    return "all" if times is None else str(times)


def _vendor(vendor: Vendor) -> str:
    keys = "".join(
        f"<dt>{escape(name)}</dt><dd><code>{escape(key)}</code></dd>"
        for name, key in vendor.keys.items()
    )
    return (
        f'<section id="{escape(vendor.name)}"><h2>{escape(vendor.name)}</h2>'
        f"<dl><dt>Address</dt><dd><code>/{escape(vendor.name)}/</code></dd>{keys}</dl>"
        f"<h3>Make it fail</h3>{_fault_form(vendor)}<h3>Switches</h3>{_switches(vendor)}</section>"
    )


def _fault_form(vendor: Vendor) -> str:
    buttons = "".join(
        f'<button name="kind" value="{kind}">{kind}</button>' for kind in sorted(faults.KINDS)
    )
    options = "".join(f'<option value="{value}">{words}</option>' for value, words in TIMES.items())
    return _form(
        _hidden(act="fault", vendor=vendor.name)
        + f'<div class="row"><label>For <select name="times">{options}</select></label>'
        + '<label>whose path begins with <input name="path" placeholder="any path"></label></div>'
        + f'<div class="row">{buttons}</div>'
    )


def _switches(vendor: Vendor) -> str:
    forms = [_switch(vendor, name, value) for name, value in vendor.switched.items()]
    return f'<div class="switches">{"".join(forms)}</div>'


def _switch(vendor: Vendor, name: str, value: Any) -> str:
    hidden = _hidden(act="switch", vendor=vendor.name, name=name)
    label = f"<span>{escape(name)}</span>"
    if isinstance(value, bool):
        state = "on" if value else "off"
        button = (
            f'<button name="value" value="{json.dumps(not value)}" class="{state}">{state}</button>'
        )
        return _form(f"{label}{hidden}{button}", "switch")
    written = value if isinstance(value, str) else json.dumps(value)
    field = f'<input name="value" value="{escape(written)}" aria-label="{escape(name)}">'
    return _form(f"{label}{hidden}{field}<button>Set</button>", "switch")


def _journal(shown: Shown, only: str) -> str:
    found = [entry for entry in shown.journal if only in {"", entry["vendor"]}][-ROWS:]
    rows = "".join(map(_row, reversed(found)))
    links = "".join(
        f' · <a href="/?vendor={escape(name)}#journal">{escape(name)}</a>' for name in shown.vendors
    )
    head = "<tr><th>At</th><th>Vendor</th><th>Request</th><th>Answer</th></tr>"
    inside = (
        f'<div class="wide"><table>{head}{rows}</table></div>'
        if found
        else "<p>Nothing was asked yet.</p>"
    )
    whole = f"/_journal?{urlencode({'vendor': only})}"
    return (
        f'<section id="journal"><h2>Journal</h2><p><a href="/#journal">All</a>{links} · '
        f'<a href="{escape(whole)}">as JSON, with headers and bodies</a></p>{inside}</section>'
    )


def _row(entry: dict[str, Any]) -> str:
    query = urlencode(entry["query"], doseq=True)
    address = f"{entry['path']}{'?' if query else ''}{query}"[:300]
    at = time.strftime("%H:%M:%S", time.localtime(entry["at"]))
    state = "good" if 200 <= entry["status"] < 400 else "bad"
    asked = f"<code>{escape(entry['method'])} {escape(address)}</code>"
    status = f'<td class="{state}">{entry["status"] or "none"}</td>'
    return f"<tr><td>{at}</td><td>{escape(entry['vendor'])}</td><td>{asked}</td>{status}</tr>"

"""Whether the site says of itself that it is ready, and if not, which part it waits for."""

import json
import time
import urllib.error
import urllib.request
from typing import Any


class Readiness:
    """Asks `/readyz`, at most every half second."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/readyz"
        self.ready = False
        self.missing = "The web process does not answer."
        self._asked = 0.0

    def is_ready(self) -> bool:
        if time.monotonic() - self._asked < 0.4:
            return False
        self._asked = time.monotonic()
        try:
            with urllib.request.urlopen(self.url, timeout=5) as answer:
                self.ready = answer.status == 200
        except urllib.error.HTTPError as error:
            self.missing = f"{self.url} answers {error.code}: {_parts(error.read())}"
        except OSError as error:
            self.missing = f"The web process does not answer: {error}."
        return self.ready


def _parts(body: bytes) -> str:
    """Return the parts that are not well, by name, from the answer of `/readyz`."""
    try:
        parts = json.loads(body)["parts"]
        return "missing: " + ", ".join(
            _name(name, part) for name, part in parts.items() if part["state"] != "ok"
        )
    except (ValueError, KeyError, TypeError):
        return body[:200].decode(errors="replace")


def _name(name: str, part: dict[str, Any]) -> str:
    """Return the part's name; of a worker also the queues that have none."""
    without = [queue for queue, entry in part.get("queues", {}).items() if entry["state"] != "ok"]
    return f"{name} ({', '.join(without)})" if without else name

"""Somebody who asks the API of Email Bison as the old system's readers do."""

from core import runs
from tests.support import truth
from tests.support.people import client_of, staff

BISON = "/api/bison"


class Asking:
    """Asks with and without a slash at the end; every answer is held against
    the published schema.
    """

    def __init__(self) -> None:
        self.client = client_of(staff())

    def __call__(self, method, path, body=None, status=200, **options):
        found = self._once(method, path, body, **options)
        assert found.status_code == status, (path, found.content)
        return found.json()

    def read(self, path):
        """Read it at both of its addresses."""
        place, mark, query = f"{BISON}{path}".partition("?")
        first, second = (self._once("GET", f"{place}{end}{mark}{query}") for end in ("", "/"))
        assert (first.status_code, second.status_code) == (200, 200), (path, first.content)
        return first.json()

    def _once(self, method, path, body=None, **options):
        options.setdefault("format", "json")
        found = getattr(self.client, method.lower())(path, body, **options)
        truth.check(method, path, found)
        return found


def place(workspace, act):
    return f"{BISON}/workspaces/{workspace.pk}/{act}"


def follow(ask, started):
    """Work the run that was started, and return it as the API shows it."""
    assert started.keys() >= {"runId", "statusUrl"}
    runs.execute(started["runId"])
    return ask("GET", started["statusUrl"])

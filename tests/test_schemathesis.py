"""A stranger's tool on our own schema: schemathesis finds no answer that the
schema does not allow.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from core.models import Run
from tests.support.people import client_of, person

pytestmark = pytest.mark.django_db(transaction=True)

PROGRAM = Path(sys.executable).with_name("schemathesis")
# positive_data_acceptance: a well-formed request may still be refused (a wrong password,
# a run that has ended).
NOT_OURS = "positive_data_acceptance"


def run(live_server, examples: int, *more: str) -> str:
    user = person("chief", is_staff=True, is_superuser=True)
    Run.objects.create(
        kind="probe",
    )
    token = client_of(user)._credentials["HTTP_AUTHORIZATION"]
    done = subprocess.run(
        [
            PROGRAM,
            "run",
            f"{live_server.url}/api/schema",
            "--url",
            live_server.url,
            "-H",
            f"Authorization: {token}",
            "--checks",
            "all",
            "--exclude-checks",
            NOT_OURS,
            "--max-examples",
            str(examples),
            "--seed",
            "7",
            "--phases",
            "examples,coverage,fuzzing",
            "--generation-database",
            "none",
            "--workers",
            "1",
            "--no-color",
            *more,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    found = done.stdout.partition("= FAILURES =")[2] or done.stdout
    assert done.returncode == 0, found[:8000] + done.stderr[-2000:]
    return done.stdout


# By itself: it would end the session that the other operations are tried with
LOGOUT = "/api/auth/logout"


# In parts, so that the test processes share the work: the time grows with every address.
CRM, CALLS = "^/api/crm", "^/(api/)?(calls|fathom|cron|settings)"
BISON, INTEGRATIONS = "^/(api/bison|functions)", "^/api/dashboard/integrations"
PARTS = {
    "crm": ["--include-path-regex", CRM],
    "calls": ["--include-path-regex", CALLS],
    "bison": ["--include-path-regex", BISON],
    "integrations": ["--include-path-regex", INTEGRATIONS],
    "the rest": [
        "--exclude-path-regex",
        f"{CRM}|{CALLS}|{BISON}|{INTEGRATIONS}",
        "--exclude-path",
        LOGOUT,
    ],
}


@pytest.mark.long(30)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", PARTS)
def test_it_finds_nothing(live_server, part):
    assert "cases" in run(live_server, 3, *PARTS[part])


def test_it_finds_nothing_at_the_way_out(live_server):
    assert "cases" in run(live_server, 5, "--include-path", LOGOUT)


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_it_finds_nothing_when_it_looks_for_long(live_server):
    assert "cases" in run(live_server, 150, "--exclude-path", LOGOUT)

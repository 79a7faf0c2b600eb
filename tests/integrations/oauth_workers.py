"""Processes that need the same token: a herd of workers at once,
or one to be killed in the middle.
"""

import multiprocessing
import os
import subprocess
import sys
from typing import Any

from django.db import connection

from core.errors import VendorError
from integrations.models import Integration
from tests.integrations.oauth_cast import Company, ask, declare, environment
from tests.support.house import ROOT

PATIENCE = 150.0
BEGIN = """
import sys, django
django.setup()
from tests.integrations.oauth_workers import main
main(*sys.argv[1:])
"""


def started(
    company: Company, shape: str, integration: Any, number: int = 1
) -> "subprocess.Popen[str]":
    """Start that many workers, on this test's database, and return the process that they
    are children of.
    """
    own = connection.settings_dict
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN, shape, str(integration.pk), str(number)],
        cwd=ROOT,
        env={
            **os.environ,
            **environment(company.sandbox),
            "DATABASE_URL": f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}",
            "KOPPEL_ALLOW_PRIVATE_HOSTS": company.sandbox.host,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def work(pk: str, gate: Any, answers: Any) -> None:
    """Make one call for the integration, with connections of its own, when all are there."""
    integration = Integration.objects.select_related("account").get(pk=pk)
    gate.wait(PATIENCE)
    try:
        answers.put(ask(integration))
    except VendorError as error:
        answers.put(f"{type(error).__name__}: {error}")


def say(line: str) -> None:
    """Write a line to whoever has started this process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(shape: str, pk: str, number: str) -> None:
    """Have them work, and print what each got."""
    declare(shape)
    say("ready")
    if number == "1":
        work(pk, multiprocessing.Barrier(1), multiprocessing.SimpleQueue())
        return
    forks = multiprocessing.get_context("fork")
    gate, answers = forks.Barrier(int(number)), forks.Queue()
    workers = [
        forks.Process(target=work, args=(pk, gate, answers)) for _number in range(int(number))
    ]
    for worker in workers:
        worker.start()
    for _worker in workers:
        say(answers.get(timeout=PATIENCE))
    for worker in workers:
        worker.join()

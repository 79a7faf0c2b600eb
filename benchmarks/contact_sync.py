"""Contacts of a connected service into the CRM: a first pull and one in which nothing changed,
against plain loops.

Both read the same pages from the same stand-in, a process of its own. "Plain loop": for each
contact Django's update_or_create. "One table": a page at a time by bulk_create(update_conflicts),
contacts alone. Neither remembers what each side had, so neither could send anything back; ours
writes a link for each contact too, and proves the list.

    python -m benchmarks.contact_sync [--contacts 10000]
"""

import argparse
import json
import multiprocessing
import os
import time
import uuid
from collections.abc import Callable
from multiprocessing.queues import Queue
from typing import Any
from urllib.request import urlopen

from benchmarks.database import own_site
from benchmarks.report import Line, show

PAGE = 100
PLAIN_FLOOR, SAME_FLOOR = 3.0, 0.25


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=10_000)
    count = parser.parse_args().contacts
    spawning = multiprocessing.get_context("spawn")
    address: Queue[str] = spawning.Queue()
    vendor = spawning.Process(target=serve, args=[address, count], daemon=True)
    vendor.start()
    url = address.get(timeout=60)
    os.environ["KOPPEL_ALLOW_PRIVATE_HOSTS"] = url.removeprefix("http://")
    try:
        with own_site("contacts"):
            good = measure(url, count)
    finally:
        vendor.terminate()
    raise SystemExit(0 if good else 1)


def serve(address: "Queue[str]", count: int) -> None:
    """Be the vendor."""
    from tests.integrations.contact_service import People  # noqa: PLC0415 - in a process of its own

    service = People()
    service.size = PAGE
    service.fill(count)
    address.put(service.url)
    while True:
        time.sleep(3600)


def measure(url: str, count: int) -> bool:
    """Time each side, first and again."""
    from crm.models import Contact, Organization  # noqa: PLC0415 - Django is set up first

    times: dict[str, float] = {}
    for name, make in (("plain", plain), ("one table", one_table), ("ours", ours)):
        work = make(Organization.objects.create(name=name, tier="PRO_PLUS"), url)
        for which in ("first", "again"):
            began = time.perf_counter()
            work()
            times[f"{name} {which}"] = time.perf_counter() - began
        expect_count = Contact.objects.filter(organization__name=name).count()
        if expect_count != count:
            raise RuntimeError(f"{name} has {expect_count} contacts of {count}")
    lines = []
    for which, words in (("first", "first pull"), ("again", "nothing changed, whole list")):
        seconds = times[f"ours {which}"]
        for name, floor in (("plain", PLAIN_FLOOR), ("one table", SAME_FLOOR)):
            other = times[f"{name} {which}"]
            lines.append(
                Line(
                    f"{words}: {name}",
                    rate(count, seconds),
                    rate(count, other),
                    other / seconds,
                    floor,
                )
            )
    return show(f"{count} contacts, pages of {PAGE}, contacts a second", lines)


def rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}"


def pages(url: str) -> Any:
    """Yield the pages of the vendor's list."""
    cursor: str | None = ""
    while cursor is not None:
        with urlopen(f"{url}/contacts?cursor={cursor}") as answer:
            page = json.load(answer)
        yield page["data"]
        cursor = page["next"]


def plain(organization: Any, url: str) -> Callable[[], None]:
    """Return a loop over the list that looks each contact up and writes it."""
    from crm.models import Contact  # noqa: PLC0415

    def work() -> None:
        for page in pages(url):
            for row in page:
                values = {
                    "name": f"{row['firstname']} {row['lastname']}",
                    "email": row["email"],
                    "phone": row["phone"],
                }
                Contact.objects.update_or_create(
                    organization=organization,
                    email_normalized=row["email"].lower(),
                    defaults=values,
                )

    return work


def one_table(organization: Any, url: str) -> Callable[[], None]:
    """Return a loop over the list that upserts contacts a page at a time,
    by an id made of the vendor's.
    """
    from crm.models import Contact  # noqa: PLC0415

    def contact(row: dict[str, Any]) -> Any:
        return Contact(
            id=uuid.uuid5(organization.pk, row["id"]),
            organization=organization,
            name=f"{row['firstname']} {row['lastname']}",
            email=row["email"],
            email_normalized=row["email"].lower(),
            phone=row["phone"],
        )

    def work() -> None:
        for page in pages(url):
            Contact.objects.bulk_create(
                [contact(row) for row in page],
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=["name", "email", "email_normalized", "phone", "updated_at"],
            )

    return work


def ours(organization: Any, url: str) -> Callable[[], None]:
    """Return a full pull by the run that everybody starts."""
    from integrations import registry  # noqa: PLC0415
    from tests.integrations import contact_cast  # noqa: PLC0415
    from tests.support import people  # noqa: PLC0415

    registry.declare(contact_cast.TOYPEOPLE)
    owner = people.member("CLOSER", organization)
    integration = contact_cast.connected(owner, organization, url)

    def work() -> None:
        run = contact_cast.synced(integration, "pull", is_full=True)
        if run.state != "succeeded":
            raise RuntimeError(run.why)

    return work


if __name__ == "__main__":
    main()

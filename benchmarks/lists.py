"""Lists of 100 rows: the API beside Django REST framework's own serializers,
pages beside Django's own admin.

    python -m benchmarks.lists [--calls 20000] [--reps 480]

The rows are the same for both: calls with their rep, lead and three participants. Each request is
made in this process by Django's test client, signed in, through all middleware; what counts is the
processor's time of it, the median of many. Both take turns in blocks, warm: another site's settings
empty the caches of templates. The references have Django's usual middleware and nothing of ours.
"""

import argparse
import statistics
import sys
import time
import types
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import django.contrib.admin

from benchmarks.database import own_site
from benchmarks.report import Line, show

BLOCKS, ROUNDS, WARM = 5, 15, 3
PEOPLE = 3
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
REFERENCE = "benchmarks.lists_reference"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.lists", description="Lists of many rows"
    )
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--reps", type=int, default=480)
    options = parser.parse_args(arguments)
    with own_site("lists"):
        load(options.calls, options.reps)
        plain_files()
        title = (
            f"Lists: {options.calls:,} calls, {options.reps} reps; milliseconds of the "
            "processor a request"
        )
        return 0 if show(title, compare()) else 1


def load(calls: int, reps: int) -> None:
    """Store calls of a year through the library."""
    from calls import library  # noqa: PLC0415 - Django is set up first, here and below
    from crm.models import Lead, Organization, SalesRep  # noqa: PLC0415

    organization = Organization.objects.create(name="Benchmark")
    of = {"organization": organization}
    sellers = [SalesRep(name=f"Rep {n}", email=f"rep{n}@example.com", **of) for n in range(reps)]
    SalesRep.objects.bulk_create(sellers)
    leads = [Lead(name=f"Lead {n}", email=f"lead{n}@example.com", **of) for n in range(500)]
    Lead.objects.bulk_create(leads)
    rows = (
        {
            "organization_id": organization.pk,
            "source": "fathom",
            "external_id": str(number),
            "rep_id": sellers[number % reps].pk,
            "lead_id": leads[number % len(leads)].pk,
            "title": f"Call {number} about the offer",
            "status": "COMPLETED",
            "started_at": NOW - timedelta(minutes=number * 525_600 // calls),
            "ended_at": NOW - timedelta(minutes=number * 525_600 // calls - 30),
            "summary": "They spoke of the price, of the next steps, and of who decides. " * 3,
            "participants": [
                {"display_name": f"Person {n}", "email": f"person{n}@example.com"}
                for n in range(PEOPLE)
            ],
        }
        for number in range(calls)
    )
    for _stored in library.store_calls(cast(Any, rows), index=False):
        pass


def plain_files() -> None:
    """Name assets as they are called: whether this checkout has collected them
    is no matter of speed.
    """
    from django.conf import settings  # noqa: PLC0415

    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}


LISTS = [
    ("/api/calls?pageSize=100 / ModelSerializer", "/api/calls?pageSize=100", "/rest/calls", 2, 4),
    ("/calls (50 rows) / plain changelist of 100", "/calls", "/admin/calls/call/", 2, 3.3),
]


def compare() -> list[Line]:
    """Ask for each list and its reference, in blocks turn by turn."""
    from django.conf import settings  # noqa: PLC0415
    from django.test import override_settings  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["testserver"]
    plain = override_settings(
        ROOT_URLCONF=urls_of_the_reference(),
        MIDDLEWARE=usual_middleware(),
        TEMPLATES=usual_templates(),
    )
    ours, theirs = signed_in(), signed_in()  # a client keeps the middleware of its first request
    lines = []
    for what, url, reference_url, floor, goal in LISTS:
        own, reference = [], []
        for _block in range(BLOCKS):
            own += block(ours, url)
            with plain:
                reference += block(theirs, reference_url)
        took, reference_took = statistics.median(own), statistics.median(reference)
        lines.append(
            Line(
                what,
                f"{took:.1f} ms",
                f"{reference_took:.1f} ms",
                reference_took / took,
                floor,
                goal,
            )
        )
    return lines


def signed_in() -> Any:
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from core.models import User  # noqa: PLC0415

    staff, _made = User.objects.get_or_create(
        username="benchmark", is_superuser=True, is_staff=True
    )
    client = Client()
    client.force_login(staff, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def block(client: Any, url: str) -> list[float]:
    for _round in range(WARM):
        cost(client, url)
    return [cost(client, url) for _round in range(ROUNDS)]


def cost(client: Any, url: str) -> float:
    """Return the milliseconds of the processor that one request takes."""
    began = time.process_time()
    answer = client.get(url)
    spent = time.process_time() - began
    if answer.status_code != 200:
        sys.exit(f"The round does not count: {answer.status_code} {answer.content[:300]!r}")
    return spent * 1000


def usual_middleware() -> list[str]:
    return [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]


def usual_templates() -> list[dict[str, Any]]:
    """Find Django's own templates, and not those of an admin theme that is installed before it."""
    processors = ["template.context_processors.request", "contrib.auth.context_processors.auth"]
    names = [
        f"django.{name}" for name in [*processors, "contrib.messages.context_processors.messages"]
    ]
    return [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(django.contrib.admin.__file__).parent / "templates"],
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": names},
        }
    ]


def urls_of_the_reference() -> str:
    """Serve the same rows as Django and REST framework would with the fewest lines."""
    from django.contrib import admin  # noqa: PLC0415
    from django.urls import path  # noqa: PLC0415
    from rest_framework import generics, pagination, permissions, renderers, serializers  # noqa: PLC0415

    from calls.models import Call, CallParticipant  # noqa: PLC0415
    from crm.models import Lead, SalesRep  # noqa: PLC0415

    def model_serializer(of: Any, names: list[str], **nested: Any) -> Any:
        meta = type("Meta", (), {"model": of, "fields": [*names, *nested]})
        return type(f"{of.__name__}Plain", (serializers.ModelSerializer,), {"Meta": meta, **nested})

    people = [
        "display_name",
        "email",
        "kind",
        "joined_at",
        "left_at",
        "total_seconds",
        "is_host",
        "is_external",
    ]
    columns = [
        "id", "organization_id", "source", "title", "status", "appointment_id", "scheduled_start",
        "scheduled_end", "started_at", "ended_at", "duration_seconds", "summary", "action_items",
        "outcome", "language", "url", "room_name",
    ]  # fmt: skip
    body = model_serializer(
        Call,
        columns,
        rep=model_serializer(SalesRep, ["id", "name"])(),
        lead=model_serializer(Lead, ["id", "name"])(),
        participants=model_serializer(CallParticipant, people)(many=True),
    )

    class Pages(pagination.CursorPagination):
        page_size = 100
        ordering = "-happened_at"

    class Calls(generics.ListAPIView[Any]):
        serializer_class = body
        pagination_class = Pages
        renderer_classes = [renderers.JSONRenderer]  # noqa: RUF012
        permission_classes = [permissions.IsAuthenticated]  # noqa: RUF012
        filter_backends: list[Any] = []  # noqa: RUF012
        queryset = Call.objects.select_related("rep", "lead").prefetch_related("participants")

    site = admin.AdminSite()
    fields = (
        "title",
        "organization",
        "rep",
        "lead",
        "source",
        "status",
        "happened_at",
        "duration_seconds",
    )
    plain_admin = {
        "list_display": fields,
        "list_filter": ("source", "status"),
        "list_per_page": 100,
    }
    site.register(
        Call,
        type("Plain", (admin.ModelAdmin,), {**plain_admin, "list_select_related": fields[1:4]}),
    )
    module = types.ModuleType(REFERENCE)
    module.urlpatterns = [path("rest/calls", Calls.as_view()), path("admin/", site.urls)]  # type: ignore[attr-defined]
    sys.modules[REFERENCE] = module
    return REFERENCE


if __name__ == "__main__":
    sys.exit(main())

"""An empty database of a benchmark's own, beside the site's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg


@contextmanager
def own_database(purpose: str) -> Iterator[None]:
    """Make it on the server of DATABASE_URL, which names it meanwhile, and drop it afterwards."""
    url = os.environ["DATABASE_URL"]
    name = f"koppel_benchmark_{purpose}_{os.getpid()}"
    server = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE {name}".encode())
        try:
            os.environ["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{name}").geturl()
            yield
        finally:
            os.environ["DATABASE_URL"] = url
            administrator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def own_site(purpose: str) -> Iterator[None]:
    """Set up Django, migrated on such a database."""
    with own_database(purpose):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django  # noqa: PLC0415 - its settings read the address when it is set up
        from django.core.management import call_command  # noqa: PLC0415

        django.setup()
        call_command("migrate", verbosity=0)
        yield

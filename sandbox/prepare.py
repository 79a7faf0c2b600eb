"""Bring the database to where the code wants it: tables, and either demo data
or the first administrator.
"""

import os
import sys

import django
from django.conf import settings
from django.core.management import CommandError, call_command


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # Models can be imported only now.
    from sandbox import demo, first_admin  # noqa: PLC0415

    try:
        call_command("migrate", verbosity=0, interactive=False)
        if settings.DEMO:
            demo.load(os.environ.get("KOPPEL_DEMO_PASSWORD") or "koppel-demo")
        else:
            call_command("collectstatic", verbosity=0, interactive=False)
            first_admin.ensure()
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

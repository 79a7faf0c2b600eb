"""The site for any other WSGI server. Webhooks work here too,
without the shared commits of config.asgi.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from core.checks import refuse_to_start  # noqa: E402 - its imports need Django to be set up

refuse_to_start()

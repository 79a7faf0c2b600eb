"""The reference of benchmarks.webhooks: a plain Django view that makes the same
checks and one INSERT.

Signature over the raw bytes, the same window, JSON read, the row with its unique delivery id
committed before the answer. Served by gunicorn with threads, with the middleware that every Django
site begins with and no log of requests.
"""

import os
import sys
import types
import uuid

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.plain"
application = get_wsgi_application()

import orjson  # noqa: E402 - after Django is set up, as in the site's own entry
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402
from standardwebhooks import Webhook, WebhookVerificationError  # noqa: E402

INSERT = """
INSERT INTO benchmark_deliveries (id, received_at, delivery_id, event_type, event_data,
    event_signature)
VALUES (%s, now(), %s, %s, %s::jsonb, %s) ON CONFLICT (delivery_id) DO NOTHING
"""


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" or len(request.body) > settings.WEBHOOK_MAX_BODY:
        return JsonResponse({"success": False}, status=413)
    try:
        Webhook(os.environ["BENCHMARK_SECRET"]).verify(
            request.body, dict(request.headers), json_parse=False
        )
        payload = orjson.loads(request.body)
    except (WebhookVerificationError, ValueError):
        return JsonResponse({"success": False}, status=401)
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                uuid.uuid4(),
                request.headers["webhook-id"],
                payload.get("event", ""),
                request.body.decode(),
                request.headers["webhook-signature"],
            ],
        )
    return JsonResponse({"success": True}, status=202)


addresses = types.ModuleType("benchmarks.reference_urls")
addresses.urlpatterns = [path("api/webhooks/benchmark", receive)]  # type: ignore[attr-defined]
sys.modules[addresses.__name__] = addresses

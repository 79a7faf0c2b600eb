"""The JSON of long work that was started."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from core import runs
from core.api.fields import Id


class RunStartedSerializer(serializers.Serializer[Any]):
    """`joined`: all of this was under way already, and this is that run.
    `waits`: another goes first.
    """

    runId = Id(read_only=True)  # noqa: N815
    statusUrl = serializers.CharField(read_only=True)  # noqa: N815
    joined = serializers.BooleanField(read_only=True)
    waits = serializers.BooleanField(read_only=True)
    message = serializers.CharField(read_only=True)


def answer_of(started: runs.Started, message: str = "") -> dict[str, Any]:
    """Return the answer to whoever started it; `message` where it says more than
    that it started.
    """
    return {
        "runId": started.run.pk,
        "statusUrl": reverse("api_run", kwargs={"run_id": started.run.pk}),
        "joined": not started.is_new,
        "waits": started.waits,
        "message": message or started.message,
    }

"""How many workspaces are well, and how calls went by the hour."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api.fields import Moment
from core.outgoing.charts import DAY, MOST_HOURS


class HealthShare(serializers.Serializer[Any]):
    """How many, and how much of all."""

    count = serializers.IntegerField()
    percent = serializers.FloatField()


class BisonHealthSerializer(serializers.Serializer[Any]):
    """`by_shared_key`: those without a key of their own, whose state is what the instance's
    shared key says.
    """

    total = serializers.IntegerField()
    healthy = HealthShare()
    degraded = HealthShare()
    failing = HealthShare()
    unknown = HealthShare()
    by_shared_key = HealthShare()


class CallFigures(serializers.Serializer[Any]):
    """`success_rate` is in percent, null where no call succeeded or failed;
    `p50` and `p95` are milliseconds.
    """

    calls = serializers.IntegerField()
    failures = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    p50 = serializers.IntegerField(allow_null=True)
    p95 = serializers.IntegerField(allow_null=True)


class BisonHourSerializer(CallFigures):
    """One hour; the last is under way."""

    hour = Moment()


class BisonSeriesSerializer(serializers.Serializer[Any]):
    """Every hour, the oldest first, and all of them together."""

    workspace = serializers.CharField(allow_null=True)
    hours = serializers.IntegerField()
    total = CallFigures()
    results = BisonHourSerializer(many=True)


class SeriesAsked(serializers.Serializer[Any]):
    """What is asked for: all workspaces and a day, where nothing is said."""

    workspace = serializers.CharField(required=False, allow_blank=True, max_length=200)
    hours = serializers.RegexField(r"^[0-9]{1,4}$", required=False, default=str(DAY))

    def validate_hours(self, value: str) -> int:
        number = int(value)
        if not 1 <= number <= MOST_HOURS:
            limits = {"least": 1, "most": MOST_HOURS}
            raise serializers.ValidationError(_("From %(least)d to %(most)d.") % limits)
        return number

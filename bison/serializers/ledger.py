"""Days of the reply ledger."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bison.models import LedgerCheck, LedgerDay
from core.api.fields import Day, Moment


class ReplyLedgerDaySerializer(serializers.Serializer[LedgerDay]):
    """One workspace's day (UTC): interested_at_vendor = interested_here + missing,
    as the last check saw it.

    `healed`: were missing, and were fetched. `never_delivered`: our webhook should have brought
    them. `failing_since`: the checks fail since then, and this is the last proof.
    """

    workspace_name = serializers.CharField(source="workspace.workspace_name")
    bison_instance = serializers.CharField(source="workspace.instance.slug")
    day = Day()
    deliveries_seen = serializers.IntegerField()
    events_at_vendor = serializers.IntegerField()
    interested_at_vendor = serializers.IntegerField()
    interested_here = serializers.IntegerField(source="interested_in_koppel")
    missing = serializers.IntegerField()
    healed = serializers.IntegerField()
    never_delivered = serializers.IntegerField(source="undelivered")
    checked_at = Moment()
    failing_since = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_failing_since(self, day: LedgerDay) -> Any:
        return _check(day).failing_since

    def get_error(self, day: LedgerDay) -> str:
        return _check(day).why


def _check(day: LedgerDay) -> LedgerCheck:
    """Return how the checks of a day's workspace go; the row is there since the first of them."""
    return getattr(day.workspace, "ledger_check", None) or LedgerCheck()

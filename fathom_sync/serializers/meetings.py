"""The JSON of syncs, of the ledger and of meetings that wait."""

from typing import Any

from rest_framework import serializers

from core.api.fields import Day, Flag, Id, Moment, Text, Whole
from crm import addresses
from fathom_sync.models import Assignment, FathomMeeting, LedgerDay

# ruff: noqa: N815, N802

MOST_IDS = 200
MOST_REPS = 50
MOST_ALIASES = 50
MOST_HOURS = 8760


class SyncWishSerializer(serializers.Serializer[Any]):
    """`hours` back; or, without, what is new. `reset` looks through all of it again."""

    hours = Whole(required=False, allow_null=True, min_value=1, max_value=MOST_HOURS)
    repId = Id(required=False, allow_null=True)
    organizationId = Id(required=False, allow_null=True)
    reset = Flag(required=False, default=False)


class StartedSerializer(serializers.Serializer[Any]):
    """`joined`: all of this was under way already, and this is that run.
    `waits`: another of the account goes first.
    """

    runId = Id(read_only=True)
    statusUrl = serializers.CharField(read_only=True)
    joined = serializers.BooleanField(read_only=True)
    waits = serializers.BooleanField(read_only=True)
    message = serializers.CharField(read_only=True)


class LedgerDaySerializer(serializers.Serializer[LedgerDay]):
    """One rep's day: atVendor = here + skipped + errors + missing, all of them listed when
    it was last checked.

    `gone`: known here, and not listed then. `earlierKey`: listed by an earlier key,
    not checked by this one.
    """

    id = Id(read_only=True)
    organizationId = Id(source="organization_id", read_only=True, allow_null=True)
    repId = Id(source="rep_id", read_only=True, allow_null=True)
    repName = serializers.SerializerMethodField()
    day = Day(read_only=True)
    atVendor = serializers.IntegerField(source="at_vendor", read_only=True)
    here = serializers.IntegerField(read_only=True)
    skipped = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    errors = serializers.DictField(child=serializers.IntegerField(), read_only=True)  # type: ignore[assignment]
    missing = serializers.IntegerField(read_only=True)
    healed = serializers.IntegerField(read_only=True)
    gone = serializers.IntegerField(read_only=True)
    earlierKey = serializers.IntegerField(source="earlier_key", read_only=True)
    checkedAt = Moment(source="checked_at", read_only=True)

    def get_repName(self, day: LedgerDay) -> str:
        if not day.rep:
            return ""
        return day.rep.name


class MeetingSerializer(serializers.Serializer[FathomMeeting]):
    """A meeting that is not in the library, and why."""

    id = Id(read_only=True)
    title = serializers.CharField(read_only=True)
    recorder = serializers.CharField(read_only=True)
    recorderName = serializers.CharField(source="recorder_name", read_only=True)
    team = serializers.CharField(read_only=True)
    organizationId = Id(source="organization_id", read_only=True, allow_null=True)
    repId = Id(source="rep_id", read_only=True, allow_null=True)
    createdAt = Moment(source="created_at", read_only=True, allow_null=True)
    startedAt = Moment(source="started_at", read_only=True, allow_null=True)
    endedAt = Moment(source="ended_at", read_only=True, allow_null=True)
    outcome = serializers.ChoiceField(choices=FathomMeeting.Outcome.choices, read_only=True)
    reason = serializers.CharField(read_only=True)
    explanation = serializers.SerializerMethodField()

    def get_explanation(self, meeting: FathomMeeting) -> str:
        return str(FathomMeeting.REASONS.get(meeting.reason, ""))


class AssignSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(child=Id(), min_length=1, max_length=MOST_IDS)
    repId = Id()
    remember = Flag(required=False, default=False)


class AssignedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(read_only=True)
    assigned = serializers.IntegerField(read_only=True)
    message = serializers.CharField(read_only=True)
    # By what it is taken back; null where nothing changed.
    assignmentId = Id(read_only=True, allow_null=True)


class AssignmentSerializer(serializers.Serializer[Assignment]):
    """Meetings that were given to a rep at once, and can be taken back.

    `remembered`: the addresses that mean the rep since then.
    """

    id = Id(read_only=True)
    organizationId = Id(source="organization_id", read_only=True)
    repId = Id(source="rep_id", read_only=True)
    repName = serializers.CharField(source="rep.name", read_only=True)
    calls = serializers.IntegerField(read_only=True)
    remembered = serializers.ListField(child=serializers.CharField(), read_only=True)
    madeAt = Moment(source="made_at", read_only=True)


class AssignmentUndoneSerializer(serializers.Serializer[Any]):
    """`restored`: meetings that wait again, or are whose they were;
    `kept`: those that were changed since, and stay.
    """

    success = serializers.BooleanField(read_only=True)
    restored = serializers.IntegerField(read_only=True)
    kept = serializers.IntegerField(read_only=True)
    message = serializers.CharField(read_only=True)


class ProposalSerializer(serializers.Serializer[Any]):
    """For each rep all the aliases that they would have; their own e-mail stays."""

    aliases = serializers.DictField(
        child=serializers.ListField(
            child=Text(max_length=addresses.MAX_LENGTH), max_length=MOST_ALIASES
        )
    )


class ExampleSerializer(serializers.Serializer[Any]):
    id = Id(read_only=True)
    title = serializers.CharField(read_only=True)
    recorder = serializers.CharField(read_only=True)
    createdAt = Moment(read_only=True, allow_null=True)
    change = serializers.ChoiceField(choices=["gained", "lost", "changed"], read_only=True)
    fromRepId = Id(read_only=True, allow_null=True)
    toRepId = Id(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True)


class SimulationSerializer(serializers.Serializer[Any]):
    gained = serializers.IntegerField(read_only=True)
    lost = serializers.IntegerField(read_only=True)
    changed = serializers.IntegerField(read_only=True)
    unchanged = serializers.IntegerField(read_only=True)
    examples = ExampleSerializer(many=True, read_only=True)


class CronRunSerializer(serializers.Serializer[Any]):
    """All accounts' syncs that ended in time, added up: processed = imported + updated
    + skipped + errors.

    `joined`: a sync was under way already, and this is what came of that one.
    """

    success = serializers.BooleanField(read_only=True)
    processed = serializers.IntegerField(read_only=True)
    imported = serializers.IntegerField(read_only=True)
    updated = serializers.IntegerField(read_only=True)
    skipped = serializers.IntegerField(read_only=True)
    errors = serializers.IntegerField(read_only=True)  # type: ignore[assignment]
    lastSyncTime = Moment(read_only=True, allow_null=True)
    duration_ms = serializers.IntegerField(read_only=True)
    message = serializers.CharField(read_only=True)
    outcomes = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    runId = Id(read_only=True, allow_null=True)
    joined = serializers.BooleanField(read_only=True)


class CronStartedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField(read_only=True)
    runId = Id(read_only=True)
    statusUrl = serializers.CharField(read_only=True)
    message = serializers.CharField(read_only=True)
    joined = serializers.BooleanField(read_only=True)

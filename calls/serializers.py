"""The JSON of calls."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from calls import breakdowns, recordings, transcripts
from calls.insights import Insights, insights
from calls.models import Call, CallParticipant, Recording, Transcript, Transcription
from calls.people import people_of
from core.api.fields import Flag, Id, Moment, Whole, moment_text
from core.api.reading import rows_of

# ruff: noqa: N815, N802

NO_RECORDING = "none"
STATES = [NO_RECORDING, *Recording.State.values]


class NamedSerializer(serializers.Serializer[Any]):
    id = Id(read_only=True)
    name = serializers.CharField(read_only=True)


class ParticipantSerializer(serializers.Serializer[Any]):
    displayName = serializers.CharField(source="display_name", read_only=True)
    email = serializers.CharField(read_only=True)
    role = serializers.CharField(source="member_role", read_only=True)
    kind = serializers.ChoiceField(choices=CallParticipant.Kind.choices, read_only=True)
    joinedAt = Moment(source="joined_at", read_only=True, allow_null=True)
    leftAt = Moment(source="left_at", read_only=True, allow_null=True)
    totalSeconds = serializers.IntegerField(source="total_seconds", read_only=True, allow_null=True)
    isHost = serializers.BooleanField(source="is_host", read_only=True)
    isGuest = serializers.BooleanField(source="is_guest", read_only=True)
    isExternal = serializers.BooleanField(source="is_external", read_only=True)


class RecordingSerializer(serializers.Serializer[Any]):
    """`none` where nothing was recorded; a link only on the call's own page,
    and only while it can be played.

    `reason` says, in the reader's language, why there is nothing to play,
    or why it may be shorter than the call.
    """

    state = serializers.ChoiceField(choices=STATES)
    durationSeconds = serializers.IntegerField(required=False)
    url = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)


class RecordingDataSerializer(serializers.Serializer[Any]):
    """The provider's own facts: nothing that opens a door, so no place in a storage
    and no signed address.
    """

    provider = serializers.ChoiceField(choices=["livekit", "fathom"])
    id = serializers.CharField(
        help_text=_("What the provider calls it; empty until it has answered.")
    )
    status = serializers.CharField(help_text=_("The provider's own word; empty where it has none."))
    startedAt = Moment(allow_null=True)
    endedAt = Moment(allow_null=True)
    durationSeconds = serializers.IntegerField(allow_null=True)
    sizeBytes = serializers.IntegerField(allow_null=True)


class PartSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    hit = serializers.BooleanField()


class PlaceSerializer(serializers.Serializer[Any]):
    """A stretch of text in which the words were found; `hit` marks them."""

    field = serializers.ChoiceField(choices=["title", "summary", "transcript"])
    parts = PartSerializer(many=True)


class TalkSerializer(serializers.Serializer[Any]):
    speaker = serializers.CharField()
    seconds = serializers.IntegerField()
    share = serializers.FloatField(help_text=_("Of all that was spoken: 0 to 1."))
    questions = serializers.IntegerField()


class MonologueSerializer(serializers.Serializer[Any]):
    speaker = serializers.CharField()
    at = serializers.FloatField(help_text=_("Seconds from the start."))
    seconds = serializers.IntegerField()


class InsightsSerializer(serializers.Serializer[Insights]):
    """Estimates by the times of the transcript; without known speakers there is neither
    talk nor monologue.
    """

    talk = TalkSerializer(many=True)
    longestMonologue = MonologueSerializer(source="longest", allow_null=True)
    questions = serializers.IntegerField()


class CallSerializer(serializers.Serializer[Call]):
    id = Id(read_only=True)
    organizationId = Id(source="organization_id", read_only=True)
    source = serializers.ChoiceField(choices=Call.Source.choices, read_only=True)  # type: ignore[assignment]
    title = serializers.CharField(read_only=True)
    status = serializers.ChoiceField(choices=Call.Status.choices, read_only=True)
    appointmentId = Id(source="appointment_id", read_only=True, allow_null=True)
    scheduledStart = Moment(source="scheduled_start", read_only=True, allow_null=True)
    scheduledEnd = Moment(source="scheduled_end", read_only=True, allow_null=True)
    startedAt = Moment(source="started_at", read_only=True, allow_null=True)
    endedAt = Moment(source="ended_at", read_only=True, allow_null=True)
    durationSeconds = serializers.IntegerField(
        source="duration_seconds", read_only=True, allow_null=True
    )
    rep = NamedSerializer(read_only=True, allow_null=True)
    lead = NamedSerializer(read_only=True, allow_null=True)
    participants = serializers.SerializerMethodField()
    summary = serializers.CharField(read_only=True)
    actionItems = serializers.ListField(source="action_items", read_only=True)
    recording = serializers.SerializerMethodField()
    recordingUrl = serializers.SerializerMethodField()
    recordingData = serializers.SerializerMethodField()
    roomName = serializers.SerializerMethodField()
    outcome = serializers.CharField(read_only=True)
    language = serializers.CharField(read_only=True)
    url = serializers.CharField(read_only=True)
    hasTranscript = serializers.SerializerMethodField()
    highlights = serializers.SerializerMethodField()
    insights = serializers.SerializerMethodField()

    @extend_schema_field(ParticipantSerializer(many=True))
    def get_participants(self, call: Call) -> Any:
        """List those who were in it, each once."""
        return rows_of(ParticipantSerializer, people_of(call))

    @extend_schema_field(RecordingSerializer)
    def get_recording(self, call: Call) -> Any:
        return recording_of(call, with_link=self.context.get("with_link", False))

    def get_recordingUrl(self, call: Call) -> str | None:
        """Give the address at which the recording shown can be played.

        It is signed for some minutes, or is the page of the call at Fathom.
        """
        return link_of(call)

    @extend_schema_field(RecordingDataSerializer(allow_null=True))
    def get_recordingData(self, call: Call) -> Any:
        """Give what the provider says of the recording shown."""
        return facts_of(call)

    def get_roomName(self, call: Call) -> str | None:
        """Name the room of a call that is held here."""
        return call.room_name or None

    def get_hasTranscript(self, call: Any) -> bool:
        return bool(call.has_transcript)

    @extend_schema_field(PlaceSerializer(many=True))
    def get_highlights(self, call: Call) -> Any:
        """Show where the words of `?search=` were found; empty without a search."""
        return self.context.get("places", {}).get(call.pk, [])

    @extend_schema_field(InsightsSerializer(allow_null=True))
    def get_insights(self, call: Call) -> Any:
        """Tell how the conversation went; null in a list, and where the transcript has no times."""
        if not self.context.get("with_insights"):
            return None
        segments = Transcript.objects.filter(call=call).values_list("segments", flat=True).first()
        found = insights(segments or [], call.duration_seconds)
        if found is None:
            return None
        return InsightsSerializer(found).data


def recording_of(call: Call, *, with_link: bool) -> dict[str, Any]:
    """Return what can be seen of a call's recordings.

    The recording of a Fathom call lies at Fathom, behind that page's own door.
    """
    if call.source == Call.Source.FATHOM:
        if not call.url:
            return {"state": NO_RECORDING}
        return {"state": "available", "url": call.url}
    latest = recordings.shown(recordings.recordings_of(call))
    if latest is None:
        return {"state": NO_RECORDING}
    shown: dict[str, Any] = {"state": latest.state}
    if latest.duration_seconds is not None:
        shown["durationSeconds"] = latest.duration_seconds
    if reason := recordings.reason_of(latest):
        shown["reason"] = reason
    if with_link and (link := recordings.link(latest)):
        shown["url"] = link
    return shown


def link_of(call: Call) -> str | None:
    """Return where what was recorded of a call can be played; signing asks nobody."""
    if call.source == Call.Source.FATHOM:
        return call.url or None
    latest = recordings.shown(recordings.recordings_of(call))
    if latest is None:
        return None
    return recordings.link(latest)


def facts_of(call: Call) -> dict[str, Any] | None:
    """Return the provider's facts about the recording that is shown of a call; None where nothing
    was recorded.
    """
    if call.source == Call.Source.FATHOM:
        return _facts_of_fathom(call)
    latest = recordings.shown(recordings.recordings_of(call))
    if latest is None:
        return None
    return {
        "provider": "livekit",
        "id": latest.egress_id,
        "status": latest.egress_status,
        "startedAt": moment_text(latest.started_at),
        "endedAt": moment_text(latest.ended_at),
        "durationSeconds": latest.duration_seconds,
        "sizeBytes": latest.size_bytes,
    }


def _facts_of_fathom(call: Call) -> dict[str, Any] | None:
    """Return what Fathom tells, which is neither a state nor a size; None where it has no page."""
    if not call.url:
        return None
    return {
        "provider": "fathom",
        "id": call.external_id,
        "status": "",
        "startedAt": moment_text(call.started_at),
        "endedAt": moment_text(call.ended_at),
        "durationSeconds": call.duration_seconds,
        "sizeBytes": None,
    }


class SegmentSerializer(serializers.Serializer[Any]):
    speaker = serializers.CharField()
    email = serializers.CharField(required=False)
    at = serializers.FloatField(help_text=_("Seconds from the start."))
    text = serializers.CharField()


class TranscriptSerializer(serializers.Serializer[Any]):
    callId = Id()
    language = serializers.CharField()
    segments = SegmentSerializer(many=True)
    text = serializers.CharField()
    state = serializers.ChoiceField(
        choices=["none", *Transcription.State.values],
        help_text=_(
            "How far the writing down of a video call is; none where nothing is, or another "
            "source does it."
        ),
    )
    reason = serializers.CharField(help_text=_("Why there is nothing yet, in your language."))


class StatisticsSerializer(serializers.Serializer[Any]):
    totalCalls = serializers.IntegerField(source="total_calls")
    averageDurationSeconds = serializers.IntegerField(source="average_duration_seconds")
    participationRate = serializers.FloatField(
        source="participation_rate",
        allow_null=True,
        help_text=_(
            "Of the meetings that were due, the part that at least two people attended: 0 to 1."
        ),
    )
    recordingsAvailable = serializers.IntegerField(source="recordings_available")


class MeetingFiguresSerializer(serializers.Serializer[Any]):
    held = serializers.IntegerField(source="completed")
    noShow = serializers.IntegerField(source="no_show")
    cancelled = serializers.IntegerField()
    open = serializers.IntegerField(
        help_text=_("Nobody said what became of them, and no two people came.")
    )
    showRate = serializers.FloatField(
        source="show_rate",
        allow_null=True,
        help_text=_("Held, of those that were held or missed: 0 to 1."),
    )


class LeadFiguresSerializer(serializers.Serializer[Any]):
    won = serializers.IntegerField()
    lost = serializers.IntegerField()
    open = serializers.IntegerField()
    winRate = serializers.FloatField(
        source="win_rate",
        allow_null=True,
        help_text=_("Won, of the leads with a call that are won or lost: 0 to 1."),
    )


class CallGroupSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(
        help_text=_("Its id, its word, or the Monday of the week; '' for calls that have none.")
    )
    name = serializers.CharField()
    calls = serializers.IntegerField()
    callsBefore = serializers.IntegerField(source="calls_before", allow_null=True)
    averageDurationSeconds = serializers.IntegerField(source="average_duration_seconds")
    leads = LeadFiguresSerializer()
    meetings = MeetingFiguresSerializer(allow_null=True)


class PreviousStatisticsSerializer(StatisticsSerializer):
    """The four figures of the span before, and which span that is."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": Moment(), "to": Moment(), **super().get_fields()}


class CallStatisticsSerializer(StatisticsSerializer):
    """The four figures, and what was asked for beside them."""

    previous = PreviousStatisticsSerializer(required=False, allow_null=True)
    meetings = MeetingFiguresSerializer(required=False)
    leads = LeadFiguresSerializer(required=False)
    groupBy = serializers.ChoiceField(breakdowns.KINDS, required=False)
    groups = CallGroupSerializer(many=True, required=False)


class CallSettingsSerializer(serializers.Serializer[Any]):
    callRecordingEnabled = Flag(source="call_recording_enabled", required=False)
    retentionDays = Whole(source="retention_days", min_value=1, max_value=3650, required=False)
    callTranscriptionEnabled = Flag(source="call_transcription_enabled", required=False)
    transcriptionSentTo = serializers.SerializerMethodField()

    def get_transcriptionSentTo(self, _chosen: Any) -> str | None:
        """Name whom recordings are sent to where writing down is on.

        It is null where this installation has nobody who does it.
        """
        return transcripts.sent_to() or None

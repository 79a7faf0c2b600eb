"""The JSON of what people make of a call: outcome and lead, action items, comments."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from calls.action_items import LONGEST
from calls.models import CallAction, CallComment
from calls.serializers import NamedSerializer
from calls.services.comments import MOST_SECONDS
from calls.services.outcomes import OUTCOMES
from core.api.fields import Day, Flag, Id, Moment, OneOf, Text, Whole

# ruff: noqa: N815, N802


class CallChangesSerializer(serializers.Serializer[Any]):
    outcome = OneOf(choices=["", *OUTCOMES], required=False, help_text=_("Empty takes it back."))
    leadId = Id(source="lead_id", required=False, allow_null=True)


class ActionSerializer(serializers.Serializer[CallAction]):
    id = Id(read_only=True)
    text = Text(max_length=LONGEST)
    done = Flag(source="is_done", required=False)
    doneAt = Moment(source="done_at", read_only=True, allow_null=True)
    doneBy = serializers.SerializerMethodField()
    assigneeId = Id(
        source="assignee_id",
        required=False,
        allow_null=True,
        help_text=_("A member who sees the call."),
    )
    dueOn = Day(source="due_on", required=False, allow_null=True)
    who = serializers.CharField(
        read_only=True, help_text=_("Whom the source names; empty where it names nobody.")
    )
    at = serializers.FloatField(
        read_only=True, allow_null=True, help_text=_("Seconds from the start.")
    )
    fromSource = serializers.BooleanField(source="from_source", read_only=True)

    def get_doneBy(self, action: CallAction) -> str:
        """Name whoever ticked it; empty where the source says that it is done."""
        if action.done_by is None:
            return ""
        return action.done_by.get_full_name() or action.done_by.get_username()


class ActionChangesSerializer(serializers.Serializer[Any]):
    done = Flag(required=False)
    assigneeId = Id(source="assignee_id", required=False, allow_null=True)
    dueOn = Day(source="due_on", required=False, allow_null=True)


class CommentSerializer(serializers.Serializer[CallComment]):
    id = Id(read_only=True)
    author = serializers.SerializerMethodField()
    at = Whole(
        min_value=0,
        max_value=MOST_SECONDS,
        required=False,
        allow_null=True,
        help_text=_("A second of the call; null for all of it."),
    )
    text = Text(max_length=LONGEST)
    createdAt = Moment(source="created_at", read_only=True)
    editedAt = Moment(source="edited_at", read_only=True, allow_null=True)
    own = serializers.SerializerMethodField()

    @extend_schema_field(NamedSerializer(allow_null=True))
    def get_author(self, comment: CallComment) -> Any:
        """Name whoever wrote it; null where they are gone."""
        if comment.author is None:
            return None
        name = comment.author.get_full_name() or comment.author.get_username()
        return {"id": str(comment.author_id), "name": name}

    def get_own(self, comment: CallComment) -> bool:
        """Tell whether you wrote it, and so may change and delete it."""
        return bool(comment.author_id == self.context["request"].user.pk)


class CommentTextSerializer(serializers.Serializer[Any]):
    text = Text(max_length=LONGEST)

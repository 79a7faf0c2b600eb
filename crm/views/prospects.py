"""`/api/crm/leads/{id}/…` and `/api/crm/contacts/{id}/…`:
a person's story, and who else may be the same person.
"""

from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import Moment
from core.api.filters import refuse_unknown
from core.api.pagination import DEFAULT_SIZE, MAX_SIZE, page_size
from core.api.serializers import Nothing
from core.api.views import Endpoint, person
from crm import access, brief, duplicates, services, timeline
from crm.models import Merge
from crm.refusals import writing
from crm.serializers import prospects as bodies
from crm.services.merging import Undone
from crm.views.crm import CONTACTS, LEADS
from crm.views.records import Kind
from crm.views.refusing import IDS, Refusing

TAGS = ["CRM"]
_signer = signing.Signer(salt="koppel.timeline")
SIZE = OpenApiParameter(
    "pageSize", {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE}
)
CURSOR = OpenApiParameter("cursor", {"type": "string"}, description="From `next`.")
TIMELINE = inline_serializer(
    "Timeline",
    {
        "results": bodies.EntrySerializer(many=True),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
    },
)


class TimelineView(Endpoint):
    """What happened with a lead."""

    @extend_schema(
        operation_id="readLeadTimeline", tags=TAGS, parameters=[SIZE, CURSOR], responses=TIMELINE
    )
    def get(self, request: Request, record_id: UUID) -> Response:
        """Tell everything that happened with a lead, newest first:
        meetings, calls, replies, merges, changes.

        Of meetings and calls those that you may see.
        """
        refuse_unknown(request, ["pageSize", "cursor"])
        size, place = page_size(request), _place(request.query_params.get("cursor"))
        lead = get_object_or_404(access.leads_for(request.user), pk=record_id)
        entries, following = timeline.page(person(request), lead, before=place, size=size)
        link = None
        if following is not None:
            cursor = _signer.sign_object([following.at.isoformat(), str(following.id)])
            query = urlencode({**request.query_params.dict(), "cursor": cursor})
            link = request.build_absolute_uri(f"{request.path}?{query}")
        shown = bodies.EntrySerializer(entries, many=True).data
        return Response({"results": shown, "next": link, "previous": None})


class BriefView(Endpoint):
    """What to know before a call."""

    @extend_schema(operation_id="readLeadBrief", tags=TAGS, responses=bodies.BriefSerializer)
    def get(self, request: Request, record_id: UUID) -> Response:
        """Show the next meeting, the last call and what is still to be done, the last reply,
        and what changed since.
        """
        lead = get_object_or_404(access.leads_for(request.user), pk=record_id)
        found = brief.of(person(request), lead)
        shown = {
            name: getattr(found, name)
            for name in ("made_at", "next_meeting", "last_call", "last_reply", "changes")
        }
        return Response(bodies.BriefSerializer({"lead_id": lead.pk, **shown}).data)


class Merging(Refusing, Endpoint):
    """What is asked of a person's duplicates."""

    json_names: ClassVar[dict[str, str]] = {**bodies.IN_JSON, **IDS, "other": "otherId"}
    kind: ClassVar[Kind]
    # What the person is called in answers.
    word: ClassVar[str]

    def found(self, request: Request, record_id: UUID) -> Any:
        return get_object_or_404(
            self.kind.visible(request).select_related("organization"), pk=record_id
        )

    def permit(self, request: Request, organization_id: UUID) -> None:
        """Let those merge who may change such people, and delete them."""
        for act in ("change", "delete"):
            self.kind.permit(request, act, organization_id)

    def duplicates(self, request: Request, record_id: UUID) -> Response:
        row = self.found(request, record_id)
        found = duplicates.of(row, self.kind.visible(request))
        shown = [
            {self.word: self.kind.json(request, [each.person])[0], "reasons": each.reasons}
            for each in found
        ]
        return Response(shown)

    def merge(
        self, request: Request, record_id: UUID, body: type[serializers.Serializer[Any]]
    ) -> Response:
        row = self.found(request, record_id)
        self.permit(request, row.organization_id)
        form = body(
            data=request.data, context={"request": request, "organization": row.organization}
        )
        form.is_valid(raise_exception=True)
        with writing():
            merged = services.merge_people(
                person=row, actor=person(request), request=request, **form.validated_data
            )
            shown = self.kind.stored(request, row)
        counts = {_word(label): len(keys) for label, keys in merged.moved.items()}
        return Response({"mergeId": str(merged.pk), self.word: shown, "moved": counts})

    def undo(self, request: Request, record_id: UUID, merge_id: UUID) -> Response:
        Nothing(data=request.data).is_valid(raise_exception=True)
        row = self.found(request, record_id)
        merged = get_object_or_404(Merge, pk=merge_id, **{f"{self.word}_id": row.pk})
        self.permit(request, row.organization_id)
        with writing():
            undone = services.undo_merge(merge=merged, actor=person(request), request=request)
            # Neither of the two may be out of their sight afterwards.
            self.kind.stored(request, row)
            shown = self.kind.stored(request, undone.person)
        return Response(self._undone(undone, shown))

    def _undone(self, undone: Undone, shown: Any) -> Any:
        kept = [bodies.IN_JSON[name] for name in undone.kept]
        return {self.word: shown, "kept": kept, "missing": undone.missing}


class OfLeads(Merging):
    kind = LEADS
    word = "lead"


class OfContacts(Merging):
    kind = CONTACTS
    word = "contact"


class LeadDuplicatesView(OfLeads):
    """Who may be the same lead."""

    @extend_schema(
        operation_id="listLeadDuplicates",
        tags=TAGS,
        responses=bodies.DuplicateLeadSerializer(many=True),
    )
    def get(self, request: Request, record_id: UUID) -> Response:
        """List those whom you may see and who may be the same person:
        at most 20, those with most alike first.
        """
        return self.duplicates(request, record_id)


class LeadMergeView(OfLeads):
    """Make two leads one."""

    @extend_schema(
        operation_id="mergeLeads",
        tags=TAGS,
        request=bodies.MergeLeadBody,
        responses=bodies.MergedLeadSerializer,
    )
    def post(self, request: Request, record_id: UUID) -> Response:
        """Make the other lead one with this one: what names the other names this
        one from then on.
        """
        return self.merge(request, record_id, bodies.MergeLeadBody)


class LeadUndoView(OfLeads):
    """Take two leads apart again."""

    @extend_schema(
        operation_id="undoLeadMerge",
        tags=TAGS,
        request=Nothing,
        responses=bodies.UndoneLeadSerializer,
    )
    def post(self, request: Request, record_id: UUID, merge_id: UUID) -> Response:
        """Undo a merge: what was changed since stays, and is named.
        409 `already_undone` for a second time.
        """
        return self.undo(request, record_id, merge_id)


class ContactDuplicatesView(OfContacts):
    """Who may be the same contact."""

    @extend_schema(
        operation_id="listContactDuplicates",
        tags=TAGS,
        responses=bodies.DuplicateContactSerializer(many=True),
    )
    def get(self, request: Request, record_id: UUID) -> Response:
        """List those whom you may see and who may be the same person:
        at most 20, those with most alike first.
        """
        return self.duplicates(request, record_id)


class ContactMergeView(OfContacts):
    """Make two contacts one."""

    @extend_schema(
        operation_id="mergeContacts",
        tags=TAGS,
        request=bodies.MergeContactBody,
        responses=bodies.MergedContactSerializer,
    )
    def post(self, request: Request, record_id: UUID) -> Response:
        """Make the other contact one with this one: what names the other names this
        one from then on.
        """
        return self.merge(request, record_id, bodies.MergeContactBody)


class ContactUndoView(OfContacts):
    """Take two contacts apart again."""

    @extend_schema(
        operation_id="undoContactMerge",
        tags=TAGS,
        request=Nothing,
        responses=bodies.UndoneContactSerializer,
    )
    def post(self, request: Request, record_id: UUID, merge_id: UUID) -> Response:
        """Undo a merge: what was changed since stays, and is named.
        409 `already_undone` for a second time.
        """
        return self.undo(request, record_id, merge_id)


def _place(text: str | None) -> timeline.Place | None:
    if text is None:
        return None
    try:
        at, key = _signer.unsign_object(text)
        return timeline.Place(Moment().to_internal_value(at), UUID(key))
    except (signing.BadSignature, ValueError, TypeError, ValidationError) as error:
        raise ValidationError({"cursor": [_("Take it as it is from next.")]}) from error


def _word(label: str) -> str:
    return label.rpartition(".")[2]

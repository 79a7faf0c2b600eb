"""`/api/organization`: one's own, its people, and who is invited.

`?organization=` names another: for staff and ADMIN, and for people of several.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import NotPermitted
from core.api.serializers import Nothing
from core.api.throttles import limit
from core.api.views import Endpoint, ListEndpoint, person
from crm import access, colleagues, services
from crm.models import Invitation, Member, Organization
from crm.refusals import writing
from crm.serializers.organization import (
    BelongingsSerializer,
    InvitationSerializer,
    LeavingSerializer,
    MemberSerializer,
    OrganizationSerializer,
)
from crm.views.refusing import IDS, Refusing
from crm.views.which import WHICH, organization_asked, organization_owned

TAGS = ["Organization"]


class OrganizationView(Refusing, Endpoint):
    """Name, tier and what was chosen."""

    names_others = True

    @extend_schema(
        operation_id="readOrganization",
        tags=TAGS,
        parameters=[WHICH],
        responses=OrganizationSerializer,
    )
    def get(self, request: Request) -> Response:
        """Show your own organization."""
        return Response(_shown(organization_asked(request)))

    @extend_schema(
        operation_id="changeOrganization",
        tags=TAGS,
        parameters=[WHICH],
        request=OrganizationSerializer(partial=True),
        responses=OrganizationSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change name and settings as CEO or ADMIN; the tier is changed by the house alone."""
        organization = organization_owned(request)
        form = OrganizationSerializer(organization, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        _change(request, organization, form.validated_data)
        return Response(
            _shown(Organization.objects.select_related("settings").get(pk=organization.pk))
        )


def _shown(organization: Organization) -> Any:
    organization.settings = services.settings_of(organization)
    return OrganizationSerializer(organization).data


def _change(request: Request, organization: Organization, values: dict[str, Any]) -> None:
    by: dict[str, Any] = {
        "organization": organization,
        "actor": person(request),
        "request": request,
    }
    tier = values.get("tier", organization.tier)
    if tier != organization.tier and not access.is_internal(request.user):
        raise NotPermitted
    with writing():
        services.change_tier(tier=tier, **by)
        if "name" in values:
            services.rename_organization(name=values["name"], **by)
        if values.get("settings"):
            services.change_settings(**by, **values["settings"])


class MemberListView(Refusing, ListEndpoint):
    """Its people."""

    names_others = True
    serializer_class = MemberSerializer
    queryset = Member.objects.none()
    ordering_by: ClassVar = {"name": "user__username", "role": "role", "createdAt": "created_at"}
    search_in: ClassVar = ["user__username", "user__first_name", "user__last_name", "user__email"]
    filter_by: ClassVar = {"role": ("role", list(Member.Role.values))}
    also_asked: ClassVar = (WHICH.name,)

    def get_queryset(self) -> QuerySet[Member]:
        members = colleagues.shown(
            Member.objects.filter(organization=organization_owned(self.request))
        )
        return members.order_by("user__username", "id")

    # Each invitation is a mail to whomever, and must not become a way to write to the whole world.
    throttle_classes = (limit("invite", 60, seconds=3600),)

    def get_throttles(self) -> list[Any]:
        if self.request.method != "POST":
            return []
        return super().get_throttles()

    @extend_schema(
        operation_id="listMembers",
        tags=TAGS,
        parameters=[WHICH],
        responses=MemberSerializer(many=True),
    )
    def get(self, request: Request, **path: Any) -> Response:
        """List the members, for CEO and ADMIN."""
        return super().get(request, **path)

    @extend_schema(
        operation_id="inviteMember",
        tags=TAGS,
        parameters=[WHICH],
        request=InvitationSerializer,
        responses={201: InvitationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Invite somebody by e-mail: 60 an hour at most."""
        organization = organization_owned(request)
        form = InvitationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        invitation = services.invite(
            organization=organization, actor=person(request), request=request, **form.validated_data
        )
        return Response(InvitationSerializer(invitation).data, status=status.HTTP_201_CREATED)


class MemberView(Refusing, Endpoint):
    """One of them."""

    @extend_schema(operation_id="readMember", tags=TAGS, responses=MemberSerializer)
    def get(self, request: Request, member_id: UUID) -> Response:
        """Show one member, to CEO and ADMIN."""
        return Response(MemberSerializer(_member(request, member_id)).data)

    @extend_schema(
        operation_id="changeMember",
        tags=TAGS,
        request=MemberSerializer,
        responses=MemberSerializer,
    )
    def patch(self, request: Request, member_id: UUID) -> Response:
        """Give a member another role. The role ADMIN is given and taken by the house alone."""
        member = _member(request, member_id)
        form = MemberSerializer(member, data=request.data)
        form.is_valid(raise_exception=True)
        role = form.validated_data["role"]
        services.change_role(member=member, role=role, actor=person(request), request=request)
        return Response(MemberSerializer(_member(request, member_id)).data)

    @extend_schema(operation_id="removeMember", tags=TAGS, responses={204: None})
    def delete(self, request: Request, member_id: UUID) -> Response:
        """Remove a member, or leave oneself; their leads and appointments stay, without them."""
        member = _member(request, member_id, or_oneself=True)
        services.remove_member(member=member, actor=person(request), request=request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LeavingView(Refusing, Endpoint):
    """How one of them leaves."""

    json_names: ClassVar[dict[str, str]] = {**IDS, "archives_rep": "archiveRep"}

    @extend_schema(operation_id="readMemberLeaving", tags=TAGS, responses=BelongingsSerializer)
    def get(self, request: Request, member_id: UUID) -> Response:
        """Say what a member would leave behind: to CEO and ADMIN, and to the member."""
        member = _member(request, member_id, or_oneself=True)
        return Response(BelongingsSerializer(services.belongings_of(member)).data)

    @extend_schema(
        operation_id="leaveOrganization",
        tags=TAGS,
        request=LeavingSerializer,
        responses={204: None},
    )
    def post(self, request: Request, member_id: UUID) -> Response:
        """Remove a member, or leave oneself: the successor gets their meetings to come
        and their leads.
        """
        member = _member(request, member_id, or_oneself=True)
        context = {"request": request, "organization": member.organization}
        form = LeavingSerializer(data=request.data, context=context)
        form.is_valid(raise_exception=True)
        services.remove_member(
            member=member, actor=person(request), request=request, **form.validated_data
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


def _member(request: Request, member_id: UUID, *, or_oneself: bool = False) -> Member:
    """Return any member whom the person sees; raise NotPermitted unless they own that member's
    organization, or `or_oneself`.

    Whoever sees a member may know the people of that organization; changing them is for owners.
    """
    member = get_object_or_404(colleagues.shown(access.members_for(request.user)), pk=member_id)
    is_oneself = or_oneself and member.user_id == person(request).pk
    if not (is_oneself or access.owns(request.user, member.organization_id)):
        raise NotPermitted
    return member


class InvitationListView(Refusing, ListEndpoint):
    """Who is invited and has not come yet."""

    names_others = True
    serializer_class = InvitationSerializer
    queryset = Invitation.objects.none()
    ordering_by: ClassVar = {"createdAt": "created_at", "expiresAt": "expires_at", "email": "email"}
    search_in: ClassVar = ["email"]
    also_asked: ClassVar = (WHICH.name,)

    def get_queryset(self) -> QuerySet[Invitation]:
        organization = organization_owned(self.request)
        found: QuerySet[Invitation] = services.open_invitations().filter(organization=organization)
        return found

    @extend_schema(
        operation_id="listInvitations",
        tags=TAGS,
        parameters=[WHICH],
        responses=InvitationSerializer(many=True),
    )
    def get(self, request: Request, **path: Any) -> Response:
        """List who is invited and has not come yet, for CEO and ADMIN."""
        return super().get(request, **path)


class InvitationView(Refusing, Endpoint):
    """One of them."""

    @extend_schema(operation_id="readInvitation", tags=TAGS, responses=InvitationSerializer)
    def get(self, request: Request, invitation_id: UUID) -> Response:
        """Show an invitation while it is open."""
        return Response(InvitationSerializer(_invitation(request, invitation_id)).data)

    @extend_schema(operation_id="revokeInvitation", tags=TAGS, responses={204: None})
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """Withdraw an invitation: its link opens nothing any more."""
        invitation = _invitation(request, invitation_id)
        services.revoke_invitation(invitation=invitation, actor=person(request), request=request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SendAgainView(Refusing, Endpoint):
    """The mail of one of them, once more."""

    throttle_classes = (limit("invite", 60, seconds=3600),)

    @extend_schema(
        operation_id="sendInvitationAgain",
        tags=TAGS,
        request=Nothing,
        responses={200: InvitationSerializer},
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Send a new link to the same address; the one before opens nothing any more.
        It counts as inviting.
        """
        Nothing(data=request.data).is_valid(raise_exception=True)
        invitation = _invitation(request, invitation_id)
        sent = services.send_again(invitation=invitation, actor=person(request), request=request)
        return Response(InvitationSerializer(sent).data)


def _invitation(request: Request, invitation_id: UUID) -> Invitation:
    found: Invitation = get_object_or_404(services.open_invitations(), pk=invitation_id)
    if access.owns(request.user, found.organization_id):
        return found
    # Those who belong to it may know that there are invitations, but not which; for others nothing
    # exists.
    get_object_or_404(access.organizations_for(request.user), pk=found.organization_id)
    raise NotPermitted

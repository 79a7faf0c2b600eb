"""Teams, reps, leads, contacts, appointments and invitations."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from core.admin.base import AppendOnlyAdmin
from core.words.pills import pill
from crm import imports, services
from crm.admin.through import CsvBothWays, ServiceForm, ThroughServices
from crm.models import Appointment, Contact, Invitation, Lead, Member, SalesRep, Team

Values = dict[str, Any]


# A service takes those of the form's values that have these names.
def _taken(values: Values, *names: str) -> Values:
    return {name: values[name] for name in names if name in values}


def _name_of(team: Team | None) -> str:
    if team is None:
        return ""
    return team.name


def _username_of(member: Member | None) -> str:
    if member is None:
        return ""
    return member.user.get_username()


class TeamForm(ServiceForm):
    # It is not "managers", because Django's admin refuses a field of that name where the relation
    # has a table of its own.
    managed_by = forms.ModelMultipleChoiceField(
        Member.objects.select_related("user", "organization"), required=False, label=_("Managers")
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if "managed_by" not in self.fields or self.instance._state.adding:
            return
        members: Any = self.fields["managed_by"]
        members.initial = self.instance.managers.all()
        members.queryset = members.queryset.filter(organization_id=self.instance.organization_id)


def _store_team(team: Team, values: Values, request: HttpRequest) -> Team:
    changes = {
        "name": values["name"],
        "managers": values["managed_by"],
        "actor": request.user,
        "request": request,
    }
    if team._state.adding:
        return services.create_team(organization=values["organization"], **changes)
    return services.update_team(team=team, **changes)


@admin.register(Team)
class TeamAdmin(ThroughServices):
    """People who sell together."""

    form = TeamForm
    store = staticmethod(_store_team)
    drop = staticmethod(
        lambda team, request: services.delete_team(team=team, actor=request.user, request=request)
    )
    list_display = ("name", "organization", "created_at")
    list_select_related = ("organization",)
    list_filter = ("organization",)
    search_fields = ("name", "organization__name")
    autocomplete_fields = ("organization",)
    fields = ("organization", "name", "managed_by")


class RepForm(ServiceForm):
    aliases = forms.CharField(
        required=False,
        label=_("Aliases"),
        widget=UnfoldAdminTextareaWidget,
        help_text=_("One address a line: every one means this rep."),
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if "aliases" in self.fields and not self.instance._state.adding:
            others = self.instance.addresses.filter(is_main=False)
            self.fields["aliases"].initial = "\n".join(others.values_list("address", flat=True))


def _store_rep(rep: SalesRep, values: Values, request: HttpRequest) -> SalesRep:
    changes = _taken(values, "name", "email", "team", "member") | {
        "aliases": values["aliases"].split()
    }
    changes |= {"actor": request.user, "request": request}
    if rep._state.adding:
        return services.create_rep(organization=values["organization"], **changes)
    return services.update_rep(rep=rep, **changes)


@admin.register(SalesRep)
class RepAdmin(CsvBothWays, ThroughServices):
    """Those whose calls are imported."""

    form = RepForm
    store = staticmethod(_store_rep)
    drop = staticmethod(
        lambda rep, request: services.delete_rep(rep=rep, actor=request.user, request=request)
    )
    resource_classes: ClassVar = [imports.RepResource]
    export_name, export_permission = "reps", "crm.change_salesrep"
    export_columns = ("id", "name", "email", "aliases", "team", "archived", "organization")
    list_display = ("name", "email", "organization", "team", "status", "call_count", "last_call_at")
    list_select_related = ("organization", "team")
    list_filter = (("archived_at", admin.EmptyFieldListFilter), "organization")
    search_fields = ("name", "addresses__address", "organization__name")
    autocomplete_fields = ("organization", "team", "member")
    fields = (
        "organization", "name", "email", "aliases", "waiting_addresses", "team", "member",
        "archived_at", "call_count", "last_call_at",
    )  # fmt: skip
    readonly_fields = ("waiting_addresses", "archived_at", "call_count", "last_call_at")
    actions = ("archive", "restore")
    object_acts = ("archive", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SalesRep]:
        return super().get_queryset(request).prefetch_related("addresses")

    def export_row(self, of: Any) -> list[Any]:
        aliases = "; ".join(row.address for row in of.addresses.all() if not row.is_main)
        archived = "yes" if of.archived_at else "no"
        team = _name_of(of.team)
        return [of.pk, of.name, of.email, aliases, team, archived, of.organization.name]

    def acts_on(self, row: SalesRep) -> Iterable[str]:
        if row.archived_at:
            return ["restore"]
        return ["archive"]

    @admin.display(description=_("status"))
    def status(self, rep: SalesRep) -> SafeString:
        if rep.archived_at:
            return pill("archived")
        return pill("active")

    @admin.display(description=_("addresses that wait to be granted"))
    def waiting_addresses(self, rep: SalesRep) -> str:
        return ", ".join(row.address for row in rep.addresses.all() if row.is_waiting) or "–"

    @admin.action(description=_("Archive"), permissions=["change"])
    def archive(self, request: HttpRequest, chosen: QuerySet[SalesRep]) -> None:
        for rep in chosen:
            services.archive_rep(rep=rep, actor=request.user, request=request)

    @admin.action(description=_("Bring back"), permissions=["change"])
    def restore(self, request: HttpRequest, chosen: QuerySet[SalesRep]) -> None:
        for rep in chosen:
            services.restore_rep(rep=rep, actor=request.user, request=request)


PROSPECT = ("name", "email", "phone", "company", "external_ids")
LEAD = (*PROSPECT, "status", "source", "qualified_by", "team")


def _store_lead(lead: Lead, values: Values, _request: HttpRequest) -> Lead:
    if lead._state.adding:
        return services.create_lead(organization=values["organization"], **_taken(values, *LEAD))
    return services.update_lead(lead=lead, **_taken(values, *LEAD))


@admin.register(Lead)
class LeadAdmin(CsvBothWays, ThroughServices):
    """Those who may buy."""

    form = ServiceForm
    store = staticmethod(_store_lead)
    drop = staticmethod(lambda lead, _request: services.delete_lead(lead=lead))
    resource_classes: ClassVar = [imports.LeadResource]
    export_name, export_permission = "leads", "crm.change_lead"
    export_columns = (
        "id", "name", "email", "phone", "company", "status", "source", "qualified_by", "team",
        "organization",
    )  # fmt: skip
    list_display = (
        "name",
        "email",
        "company",
        "organization",
        "status",
        "qualified_by",
        "created_at",
    )
    list_select_related = ("organization", "qualified_by__user", "team")
    list_filter = ("status", "organization")
    search_fields = ("name", "email", "company", "organization__name")
    autocomplete_fields = ("organization", "qualified_by", "team")
    fields = ("organization", *LEAD)

    def export_row(self, of: Any) -> list[Any]:
        plain = [
            getattr(of, name)
            for name in ("pk", "name", "email", "phone", "company", "status", "source")
        ]
        who = _username_of(of.qualified_by)
        return [*plain, who, _name_of(of.team), of.organization.name]


def _store_contact(contact: Contact, values: Values, _request: HttpRequest) -> Contact:
    if contact._state.adding:
        return services.create_contact(
            organization=values["organization"], **_taken(values, *PROSPECT, "lead")
        )
    return services.update_contact(contact=contact, **_taken(values, *PROSPECT, "lead"))


@admin.register(Contact)
class ContactAdmin(ThroughServices):
    """The people behind the leads."""

    form = ServiceForm
    store = staticmethod(_store_contact)
    drop = staticmethod(lambda contact, _request: services.delete_contact(contact=contact))
    list_display = ("name", "email", "company", "organization", "lead", "created_at")
    list_select_related = ("organization", "lead")
    list_filter = ("organization",)
    search_fields = ("name", "email", "company", "organization__name")
    autocomplete_fields = ("organization", "lead")
    fields = ("organization", *PROSPECT, "lead")


class AppointmentForm(ServiceForm):
    """Times as the clock in the meeting's zone shows them, by the browser's picker:
    Django's own would move them.
    """

    starts = forms.CharField(
        label=_("Starts"), widget=UnfoldAdminTextInputWidget({"type": "datetime-local"})
    )
    ends = forms.CharField(
        label=_("Ends"), widget=UnfoldAdminTextInputWidget({"type": "datetime-local"})
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in ("starts", "ends"):
            shown = getattr(self.instance, f"{name}_wall")
            if name in self.fields and shown is not None:
                self.fields[name].initial = f"{shown:%Y-%m-%dT%H:%M}"


def _store_appointment(
    appointment: Appointment, values: Values, request: HttpRequest
) -> Appointment:
    changes = _taken(values, "lead", "closer", "setter", "team", "title", "status", "time_zone")
    changes |= {name: imports.read_time(values, name) for name in ("starts", "ends")}
    if appointment._state.adding:
        return services.book_appointment(
            organization=values["organization"], by=services.By(request=request), **changes
        )
    return services.update_appointment(
        appointment=appointment, by=services.By(request=request), **changes
    )


@admin.register(Appointment)
class AppointmentAdmin(CsvBothWays, ThroughServices):
    """Who meets whom, and when."""

    form = AppointmentForm
    store = staticmethod(_store_appointment)
    drop = staticmethod(
        lambda appointment, _request: services.delete_appointment(appointment=appointment)
    )
    resource_classes: ClassVar = [imports.AppointmentResource]
    export_name, export_permission = "appointments", "crm.change_appointment"
    export_columns = (
        "id", "lead", "closer", "team", "title", "starts", "ends", "time_zone", "status",
        "organization",
    )  # fmt: skip
    list_display = ("__str__", "organization", "lead", "closer", "team", "status", "starts_at")
    list_select_related = ("organization", "lead", "closer__user", "team")
    list_filter = ("status", "organization")
    search_fields = ("title", "lead__name", "organization__name")
    autocomplete_fields = ("organization", "lead", "closer", "setter", "team")
    fields = (
        "organization",
        "lead",
        "closer",
        "setter",
        "team",
        "title",
        "starts",
        "ends",
        "time_zone",
        "status",
    )

    def export_row(self, of: Any) -> list[Any]:
        times = imports.written_times(of)
        who = [of.lead.email, _username_of(of.closer), _name_of(of.team), of.title]
        return [of.pk, *who, *times, of.time_zone, of.status, of.organization.name]


@admin.register(Invitation)
class InvitationAdmin(AppendOnlyAdmin):
    """Who was asked to join; made by owners of organizations, withdrawn here."""

    list_display = (
        "email",
        "organization",
        "role",
        "status",
        "created_at",
        "sent_at",
        "expires_at",
    )
    list_select_related = ("organization",)
    list_filter = ("role", "organization")
    search_fields = ("email", "organization__name")
    fields = (
        "organization", "email", "role", "for_any_address", "invited_by", "created_at", "sent_at",
        "attempts", "expires_at", "accepted_at", "accepted_by", "revoked_at",
    )  # fmt: skip
    actions = ("revoke",)
    object_acts = ("revoke",)

    @admin.display(description=_("status"))
    def status(self, invitation: Invitation) -> SafeString:
        if invitation.accepted_at:
            return pill("accepted")
        if invitation.revoked_at:
            return pill("withdrawn")
        if invitation.expires_at > timezone.now():
            return pill("invited")
        return pill("expired")

    @admin.action(description=_("Withdraw"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        for invitation in chosen:
            services.revoke_invitation(invitation=invitation, actor=request.user, request=request)

    def acts_on(self, row: Invitation) -> Iterable[str]:
        if row.accepted_at or row.revoked_at:
            return ()
        return self.object_acts

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("crm.change_invitation")

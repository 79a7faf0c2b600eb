"""Organizations and their people in the management portal; a changed role or tier is audited with the change."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline

from core import audit
from core.admin.base import HouseAdmin
from crm import events, services
from crm.admin.through import ServiceForm, ThroughServices
from crm.models import Member, Organization, OrganizationSettings


class SettingsInline(StackedInline):
    """What the organization chose for itself."""

    model = OrganizationSettings
    can_delete = False


@admin.register(Organization)
class OrganizationAdmin(HouseAdmin):
    """Tenants."""

    list_display = ("name", "tier", "people", "created_at")
    list_filter = ("tier",)
    search_fields = ("name", "=id")
    readonly_fields = ("created_at",)
    inlines = (SettingsInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return super().get_queryset(request).annotate(number_of_members=Count("members"))

    @admin.display(description=_("members"), ordering="number_of_members")
    def people(self, organization: Any) -> int:
        return int(organization.number_of_members)

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "tier" in form.changed_data:
            before = form.initial.get("tier") if change else None
            audit.record(
                "tier.changed",
                actor=request.user,
                target=obj,
                request=request,
                organization_id=obj.pk,
                field="tier",
                before=before,
                after=obj.tier,
            )

    def delete_model(self, request: HttpRequest, obj: Organization) -> None:
        services.delete_organization(organization=obj, actor=request.user, request=request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        for organization in queryset:
            self.delete_model(request, organization)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for row, fields in (pair for formset in formsets for pair in formset.changed_objects):
            _settings_changed(request, row, fields)


@admin.register(OrganizationSettings)
class OrganizationSettingsAdmin(HouseAdmin):
    """The same as on the organization's page, to be searched across them."""

    list_display = ("organization", "call_recording_enabled", "retention_days", "time_zone", "language")
    list_filter = ("call_recording_enabled", "language")
    list_select_related = ("organization",)
    search_fields = ("organization__name",)
    autocomplete_fields = ("organization",)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _settings_changed(request, obj, form.changed_data)


def _settings_changed(request: HttpRequest, row: Model, fields: Iterable[str]) -> None:
    audit.record(
        "setting.changed",
        actor=request.user,
        target=row,
        request=request,
        organization_id=row.pk,
        fields=sorted(fields),
    )
    transaction.on_commit(lambda: events.tell(events.settings_changed, organization_id=row.pk))


class MemberForm(ServiceForm):
    pass


def _store_member(member: Member, values: dict[str, Any], request: HttpRequest) -> Member:
    said = {"role": values["role"], "actor": request.user, "request": request}
    if member._state.adding:
        return services.add_member(organization=values["organization"], user=values["user"], **said)
    return services.change_role(member=member, **said)


@admin.register(Member)
class MemberAdmin(ThroughServices):
    """Who is what in which organization."""

    form = MemberForm
    store = staticmethod(_store_member)
    drop = staticmethod(
        lambda member, request: services.remove_member(member=member, actor=request.user, request=request)
    )
    list_display = ("user", "organization", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "organization")
    search_fields = ("user__username", "user__email", "user__first_name", "user__last_name", "organization__name")
    autocomplete_fields = ("user", "organization")
    readonly_fields = ("created_at",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Another person is another member."""
        shown = super().get_readonly_fields(request, obj)
        return (*shown, "user") if obj else shown

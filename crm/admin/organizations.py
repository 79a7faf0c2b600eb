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
from crm import services
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


@admin.register(Member)
class MemberAdmin(HouseAdmin):
    """Who is what in which organization."""

    list_display = ("user", "organization", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "organization")
    search_fields = ("user__username", "user__email", "organization__name")
    autocomplete_fields = ("user", "organization")
    readonly_fields = ("created_at",)

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        before = form.initial.get("role") if change else None
        super().save_model(request, obj, form, change)
        self._record(request, obj, before, obj.role)

    def delete_model(self, request: HttpRequest, obj: Member) -> None:
        with transaction.atomic():
            self._record(request, obj, obj.role, None)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        for member in queryset.select_related("user"):
            self.delete_model(request, member)

    def _record(self, request: HttpRequest, member: Member, before: str | None, after: str | None) -> None:
        audit.record(
            "role.changed",
            actor=request.user,
            target=member,
            request=request,
            organization_id=member.organization_id,
            user=member.user.get_username(),
            field="role",
            before=before,
            after=after,
        )

"""Organizations and their people in the management portal;
a changed role or tier is audited with the change.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline

from core import audit
from core.admin.base import HouseAdmin
from crm import events, services
from crm.admin.through import ServiceForm, ThroughServices
from crm.models import AddressGrant, Member, Organization, OrganizationSettings, RepAlias
from crm.services import claims


class SettingsInline(StackedInline):
    """What the organization chose for itself."""

    model = OrganizationSettings
    can_delete = False


class GrantForm(forms.ModelForm):  # type: ignore[type-arg]  # Django makes it generic for the checker alone
    """Refuses what cannot be granted, and puts the rest in its one spelling."""

    def clean_value(self) -> str:
        try:
            return claims.granted_value(self.cleaned_data["value"])
        except ValidationError as error:
            raise ValidationError(error.messages) from error


class GrantsInline(TabularInline):
    """Whose addresses its reps may have on an account that serves every organization."""

    model = AddressGrant
    form = GrantForm
    fields = ("value", "granted_by", "granted_at")
    readonly_fields = ("granted_by", "granted_at")
    extra = 1

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody change a grant: another value is another grant."""
        return False


@admin.register(Organization)
class OrganizationAdmin(HouseAdmin):
    """Tenants."""

    list_display = ("name", "tier", "people", "created_at")
    list_filter = ("tier",)
    search_fields = ("name", "=id")
    ordering = ("name", "id")
    readonly_fields = ("waiting_addresses", "created_at")
    takes_all_along = True
    inlines = (GrantsInline, SettingsInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return super().get_queryset(request).annotate(number_of_members=Count("members"))

    @admin.display(description=_("members"), ordering="number_of_members")
    def people(self, organization: Any) -> int:
        return int(organization.number_of_members)

    @admin.display(description=_("addresses that wait to be granted"))
    def waiting_addresses(self, organization: Organization) -> str:
        rows = RepAlias.objects.filter(organization=organization, is_waiting=True).order_by(
            "normalized"
        )
        return ", ".join(rows.values_list("address", flat=True)) or "–"

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "tier" in form.changed_data:
            before = None
            if change:
                before = form.initial.get("tier")
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

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Delete outside of a transaction of Django's: services outside are asked first,
        and the act has its own.
        """
        return self._delete_view(request, object_id, extra_context)

    def delete_model(self, request: HttpRequest, obj: Organization) -> None:
        for sentence in services.delete_organization(
            organization=obj, actor=request.user, request=request
        ):
            messages.warning(request, sentence)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        for organization in queryset:
            self.delete_model(request, organization)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not AddressGrant:
            super().save_formset(request, form, formset, change)
            return
        by = {"actor": request.user, "request": request}
        formset.save(commit=False)
        for row in formset.deleted_objects:
            services.withdraw_grant(grant=row, **by)
        for row in formset.new_objects:
            try:
                services.grant(organization=form.instance, value=row.value, **by)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for row, fields in (pair for formset in formsets for pair in formset.changed_objects):
            if isinstance(row, OrganizationSettings):
                _settings_changed(request, row, fields)


@admin.register(OrganizationSettings)
class OrganizationSettingsAdmin(HouseAdmin):
    """The same as on the organization's page, to be searched across them."""

    list_display = (
        "organization",
        "call_recording_enabled",
        "call_transcription_enabled",
        "retention_days",
        "time_zone",
        "language",
    )
    list_filter = ("call_recording_enabled", "call_transcription_enabled", "language")
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
    changes = {"role": values["role"], "actor": request.user, "request": request}
    if member._state.adding:
        return services.add_member(
            organization=values["organization"], user=values["user"], **changes
        )
    return services.change_role(member=member, **changes)


@admin.register(Member)
class MemberAdmin(ThroughServices):
    """Who is what in which organization."""

    form = MemberForm
    store = staticmethod(_store_member)
    drop = staticmethod(
        lambda member, request: services.remove_member(
            member=member, actor=request.user, request=request
        )
    )
    list_display = ("user", "organization", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "organization")
    search_fields = (
        "user__username",
        "user__email",
        "user__first_name",
        "user__last_name",
        "organization__name",
    )
    autocomplete_fields = ("user", "organization")
    readonly_fields = ("created_at",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let nobody change whose row it is: another person is another member."""
        shown = super().get_readonly_fields(request, obj)
        if obj is None:
            return shown
        return (*shown, "user")

"""What the installation is set to, the keys that keep it, and answers kept
for repeated requests.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from core import settings_store
from core.admin.base import AppendOnlyAdmin, HouseAdmin
from core.masking import Secret
from core.models import IdempotencyKey, StableKey, SystemSetting
from core.secrets.crypto import CannotOpen
from core.words import names
from core.words.pills import pill


def _keys() -> list[tuple[str, Any]]:
    """Return those that a person may set."""
    by_hand = [setting for setting in settings_store.declared() if setting.by_hand]
    return [("", _("Select value")), *((setting.key, setting.label) for setting in by_hand)]


def _declared(row: SystemSetting | None) -> settings_store.Setting | None:
    """Return what code says of a stored setting; None for a new row, and for one that code
    no longer knows.
    """
    known = {setting.key: setting for setting in settings_store.declared()}
    if row:
        return known.get(row.setting_key)
    return None


def _is_by_hand(row: SystemSetting | None) -> bool:
    """Tell whether people write it; what no code declares any more is left as it is."""
    if row is None:
        return True
    declared = _declared(row)
    return declared is not None and declared.by_hand


def _in_clear(row: SystemSetting) -> str:
    """Return the value of a setting that is no secret; '' where no key opens it any more."""
    try:
        if row.setting_value is not None:
            return row.setting_value.reveal()
        return ""
    except CannotOpen:
        return ""


class SettingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A declared setting, a scope, and a value that can be written and replaced;
    read only where it is no secret.
    """

    setting_key = forms.ChoiceField(
        label=_("Setting"), choices=_keys, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = SystemSetting
        fields = ("setting_key", "organization_id", "setting_value")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if "setting_value" in self.fields:  # not there for somebody who may only look
            self.fields["setting_value"].required = True
            self.fields["setting_value"].widget.is_required = True
            self.fields["setting_value"].widget.attrs["class"] = " ".join(INPUT_CLASSES)
            self.fields["setting_value"].help_text = _("Kept encrypted and never shown again.")
            self._show_what_is_no_secret()

    def _show_what_is_no_secret(self) -> None:
        declared = _declared(self.instance)
        if declared is None or declared.secret:
            return
        field = self.fields["setting_value"]
        field.widget = forms.TextInput(attrs={"class": " ".join(INPUT_CLASSES)})
        field.help_text = ""
        self.initial["setting_value"] = _in_clear(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        value = cleaned.get("setting_value")
        key = cleaned.get("setting_key") or self.instance.setting_key
        if key and isinstance(value, Secret):
            validate = settings_store.find(key).validate
            try:
                if validate:
                    validate(value.reveal())
            except ValidationError as error:
                self.add_error("setting_value", error)
        return cleaned


@admin.register(SystemSetting)
class SystemSettingAdmin(HouseAdmin):
    """Settings that people change at run time; written through core.settings_store,
    which audits them.
    """

    form = SettingForm
    list_display = ("setting_key", "scope", "stored", "updated_at", "updated_by")
    list_select_related = ("updated_by",)
    search_fields = ("setting_key",)
    fields = (
        "setting_key",
        "organization_id",
        "setting_value",
        "description",
        "updated_at",
        "updated_by",
    )
    readonly_fields = ("stored", "scope", "description", "updated_at", "updated_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SystemSetting]:
        named = names.organization("organization_id")
        return super().get_queryset(request).annotate(organization_name=named)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed: tuple[str, ...] = ()
        if obj:
            fixed = ("setting_key", "organization_id")
        return [*super().get_readonly_fields(request, obj), *fixed]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_by_hand(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_by_hand(obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields: an organization by its name; the value for those who may only look,
        where no secret.
        """
        fields = super().get_fields(request, obj)
        if obj is None:
            return fields
        fields = ["scope" if name == "organization_id" else name for name in fields]
        if self.has_change_permission(request, obj):
            return fields
        return ["stored" if name == "setting_value" else name for name in fields]

    @admin.display(description=_("scope"))
    def scope(self, row: SystemSetting) -> str:
        if row.organization_id is None:
            return str(_("Installation"))
        return getattr(row, "organization_name", None) or str(row.organization_id)

    @admin.display(description=_("value"))
    def stored(self, row: SystemSetting) -> SafeString | str:
        if row.setting_value is None:
            return pill("not_set")
        declared = _declared(row)
        if declared is None or declared.secret:
            return pill("set")
        return _in_clear(row) or pill("not_working", _("Cannot be read"))

    def save_model(self, request: HttpRequest, obj: SystemSetting, form: Any, change: bool) -> None:
        value = form.cleaned_data["setting_value"]
        if isinstance(value, Secret):
            settings_store.put(
                obj.setting_key,
                value,
                actor=request.user,
                organization_id=obj.organization_id,
                request=request,
            )
        # The store made or found the row; the admin's messages and history speak of that one.
        obj.pk = SystemSetting.objects.get(
            setting_key=obj.setting_key, organization_id=obj.organization_id
        ).pk

    def delete_model(self, request: HttpRequest, obj: SystemSetting) -> None:
        settings_store.put(
            obj.setting_key,
            None,
            actor=request.user,
            organization_id=obj.organization_id,
            request=request,
        )

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SystemSetting]) -> None:
        for row in queryset:
            if self.has_delete_permission(request, row):
                self.delete_model(request, row)


@admin.register(StableKey)
class StableKeyAdmin(AppendOnlyAdmin):
    """Keys of the house itself: that they are there, never what they are."""

    list_display = ("name", "created_at")
    fields = ("name", "created_at")
    ordering = ("name",)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(AppendOnlyAdmin):
    """Repeated writes that were answered once; the kept answers themselves are not shown."""

    list_display = ("created_at", "user", "key", "status_code")
    list_select_related = ("user",)
    search_fields = ("=key", "=user__username")
    fields = ("user", "key", "status_code", "created_at")
    ordering = ("-created_at",)

"""How people are told: channels, and each message to each of them."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import INPUT_CLASSES

from core import audit, incidents
from core.admin.base import HouseAdmin, moment
from core.admin.huge import HugeAdmin, TimeWindow
from core.alerts import channels, sending
from core.alerts.outbox import channel_cause
from core.masking import Secret
from core.models import AlertChannel, AlertDelivery
from core.secrets.forms import KEEP
from core.words.pills import pill


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A channel; its address can be written and replaced, never read."""

    class Meta:
        model = AlertChannel
        fields = ("name", "kind", "target", "minimum_severity", "organization_id", "is_enabled")
        labels: ClassVar = {
            "target": _("Address"),
            "minimum_severity": _("From severity"),
            "organization_id": _("Organization's id"),
            "is_enabled": _("Switched on"),
        }
        help_texts: ClassVar = {
            "organization_id": _(
                "Empty: this channel hears of everything. Else only of this "
                "organization's incidents."
            ),
        }

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        kind = self.fields.get("kind")
        if not isinstance(kind, forms.ChoiceField):
            return  # somebody who may only look
        reasons = {value: channels.unavailable(value) for value in AlertChannel.Kind.values}
        usable = [
            (value, label) for value, label in AlertChannel.Kind.choices if not reasons[value]
        ]
        kind.choices = [("", _("Select value")), *usable]
        kind.help_text = " ".join(
            f"{AlertChannel.Kind(value).label}: {reason}"
            for value, reason in reasons.items()
            if reason
        )
        self.fields["target"].widget.attrs["class"] = " ".join(INPUT_CLASSES)
        self.fields["target"].help_text = _(
            "An e-mail address, the webhook's whole address, or a telephone number with its "
            "country code. Kept encrypted and never shown again."
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        target, kind = cleaned.get("target"), cleaned.get("kind")
        if kind and isinstance(target, Secret):
            try:
                channels.validate_target(kind, target.reveal())
            except ValidationError as error:
                self.add_error("target", error)
        elif target is KEEP and "kind" in self.changed_data:
            self.add_error("target", _now("Enter the address for this kind of channel."))
        return cleaned


@admin.register(AlertChannel)
class AlertChannelAdmin(HouseAdmin):
    """Where alerts go."""

    form = ChannelForm
    list_display = ("name", "status", "kind", "minimum_severity", "last_success_at", "last_error")
    list_filter = ("kind", "is_enabled")
    search_fields = ("name",)
    readonly_fields = ("last_success_at", "last_error")
    fields = (
        "name", "kind", "target", "minimum_severity", "organization_id", "is_enabled",
        "last_success_at", "last_error",
    )  # fmt: skip
    actions = ("test",)
    object_acts = ("test",)

    @admin.display(description=_("status"))
    def status(self, channel: AlertChannel) -> SafeString:
        if not channel.is_enabled:
            return pill("disabled")
        if channel.last_error:
            return pill("not_working")
        if channel.last_success_at:
            return pill("works")
        return pill("not_tested")

    def save_model(
        self, request: HttpRequest, obj: AlertChannel, form: ChannelForm, change: bool
    ) -> None:
        replaced = "target" in form.changed_data
        old = None
        if change and replaced:
            old = AlertChannel.objects.get(pk=obj.pk).target
        super().save_model(request, obj, form, change)
        action = "channel.added"
        if change:
            action = "channel.changed"
        new = None
        if replaced:
            new = obj.target
        audit.record(
            action,
            actor=request.user,
            target=obj,
            request=request,
            organization_id=obj.organization_id,
            old=old,
            new=new,
            fields=sorted(form.changed_data),
        )
        if not obj.is_enabled:
            incidents.close(channel_cause(obj))

    def delete_model(self, request: HttpRequest, obj: AlertChannel) -> None:
        with transaction.atomic():
            audit.record("channel.removed", actor=request.user, target=obj, request=request)
            incidents.close(channel_cause(obj))
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AlertChannel]) -> None:
        for channel in queryset:
            self.delete_model(request, channel)

    @admin.action(description=_("Test"), permissions=["test"])
    def test(self, request: HttpRequest, chosen: QuerySet[AlertChannel]) -> None:
        for channel in chosen:
            for step in sending.test(channel, request.user, request).steps:
                tell = messages.error
                if step.state == "passed":
                    tell = messages.success
                tell(request, f"{channel.name}: {step.message}")

    def has_test_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_alertchannel")


@admin.register(AlertDelivery)
class AlertDeliveryAdmin(HugeAdmin):
    """Each message to each channel."""

    time_field = "created_at"
    by_day = False
    list_display = (
        moment("created_at", _("time")),
        "status",
        "channel",
        "incident",
        "transition",
        "attempts",
        "sent_at",
        "error",
    )
    list_filter = (TimeWindow, "state", "channel")
    list_select_related = ("channel", "incident")
    search_fields = ("incident__title", "channel__name")
    actions = ("again",)
    object_acts = ("again",)

    @admin.display(description=_("status"))
    def status(self, delivery: AlertDelivery) -> SafeString:
        return pill(delivery.state)

    @admin.action(description=_("Send again"), permissions=["again"])
    def again(self, request: HttpRequest, chosen: QuerySet[AlertDelivery]) -> None:
        count = sending.send_again(list(chosen))
        messages.success(
            request, ngettext("%(n)d message waits.", "%(n)d messages wait.", count) % {"n": count}
        )

    def acts_on(self, row: AlertDelivery) -> Iterable[str]:
        if row.state == AlertDelivery.State.FAILED:
            return self.object_acts
        return ()

    def has_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_alertdelivery")

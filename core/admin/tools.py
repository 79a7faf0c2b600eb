"""The timetable, lock-outs and second factors: other projects' tables,
shown and guarded as ours are.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    PeriodicTasks,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core import audit
from core.admin.base import AppendOnlyAdmin, HouseAdmin, moment
from core.admin.huge import HugeAdmin, TimeWindow
from core.queue import jobs
from core.words.pills import switched

OTHERS = (
    PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule,
    AccessAttempt, AccessLog, AccessFailureLog, Authenticator, EmailAddress,
)  # fmt: skip
for model in OTHERS:
    # EmailAddress is not registered again: a person's address is on the person's page.
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class _TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):
    """The names of the tasks that exist."""


class TimetableForm(PeriodicTaskForm):
    """django-celery-beat's form in our clothes."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if "task" in self.fields:  # not there for somebody who may only look
            self.fields["task"].widget = UnfoldAdminTextInputWidget()
            self.fields["regtask"].widget = _TaskSelect()


class _Timetable(HouseAdmin):
    """Changes of the timetable are changes of a setting."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record(
            "setting.changed",
            actor=request.user,
            target=obj,
            request=request,
            fields=form.changed_data,
        )

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        with transaction.atomic():
            audit.record("setting.removed", actor=request.user, target=obj, request=request)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(_Timetable):
    """What runs when."""

    form = TimetableForm
    list_display = ("name", "status", "scheduler", "task", "last_run_at")
    list_filter = ("enabled",)
    list_select_related = ("interval", "crontab", "solar", "clocked")
    search_fields = ("name", "task")
    readonly_fields = ("last_run_at",)
    fieldsets = (
        (None, {"fields": ("name", "regtask", "task", "enabled", "description")}),
        (
            _("When"),
            {
                "fields": (
                    "interval",
                    "crontab",
                    "solar",
                    "clocked",
                    "start_time",
                    "one_off",
                    "last_run_at",
                )
            },
        ),
        (_("Arguments"), {"fields": ("args", "kwargs")}),
        (
            _("Sending"),
            {
                "fields": (
                    "expires",
                    "expire_seconds",
                    "queue",
                    "exchange",
                    "routing_key",
                    "priority",
                )
            },
        ),
    )
    actions = ("switch_on", "switch_off", "run_now")
    object_acts = ("run_now",)

    @admin.display(description=_("status"))
    def status(self, task: PeriodicTask) -> SafeString:
        return switched(task.enabled)

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, chosen: QuerySet[PeriodicTask]) -> None:
        self._switch(request, chosen, on=True)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, chosen: QuerySet[PeriodicTask]) -> None:
        self._switch(request, chosen, on=False)

    @admin.action(description=_("Run now"), permissions=["change"])
    def run_now(self, request: HttpRequest, chosen: QuerySet[PeriodicTask]) -> None:
        """Queue it once; only tasks without arguments, as all of ours on the timetable are."""
        names = list(chosen.values_list("task", flat=True))
        sent = sum(jobs.send(name) for name in names)
        messages.success(
            request, ngettext("%(n)d task queued.", "%(n)d tasks queued.", sent) % {"n": sent}
        )
        if sent < len(names):
            messages.error(
                request, _("The queue did not answer. The timetable will run the task at its hour.")
            )

    def _switch(self, request: HttpRequest, chosen: QuerySet[PeriodicTask], *, on: bool) -> None:
        with transaction.atomic():
            for task in chosen.filter(enabled=not on):
                PeriodicTask.objects.filter(pk=task.pk).update(enabled=on)
                audit.record(
                    "setting.changed", actor=request.user, target=task, request=request,
                    field="enabled", before=not on, after=on,
                )  # fmt: skip
            PeriodicTasks.update_changed()


@admin.register(IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule)
class ScheduleAdmin(_Timetable):
    """A rhythm that tasks can follow."""


class _Tracks(AppendOnlyAdmin):
    """Tracks of sign-ins; deleting one lifts a lock-out, which is audited."""

    list_display: Any = (moment("attempt_time", _("time")), "username", "ip_address", "path_info")
    search_fields = ("=username", "=ip_address")
    fields: Any = ("attempt_time", "username", "ip_address", "user_agent", "path_info")
    ordering = ("-attempt_time",)


@admin.register(AccessAttempt)
class AccessAttemptAdmin(_Tracks):
    """Failed sign-ins that are counted now; delete one to let its person try again."""

    list_display = (
        moment("attempt_time", _("time")),
        "username",
        "ip_address",
        "failures_since_start",
    )
    fields = (
        "attempt_time",
        "username",
        "ip_address",
        "user_agent",
        "path_info",
        "failures_since_start",
    )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            audit.record(
                "lockout.lifted", actor=request.user, request=request, username=obj.username
            )
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for attempt in queryset:
            self.delete_model(request, attempt)


@admin.register(AccessLog, AccessFailureLog)
class AccessLogAdmin(HugeAdmin, _Tracks):
    """Sign-ins that were made and refused."""

    time_field = "attempt_time"
    by_day = False
    list_filter = (TimeWindow,)


@admin.register(Authenticator)
class AuthenticatorAdmin(AppendOnlyAdmin):
    """Second factors: whose and since when, never what."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("=user__username",)
    fields = ("user", "type", "created_at", "last_used_at")
    ordering = ("-created_at",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not request.user.has_perm("mfa.delete_authenticator"):
            return False
        if obj is None or request.user.is_superuser:
            return True
        return not obj.user.is_superuser

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            audit.record(
                "second_factor.reset", actor=request.user, target=obj.user, request=request
            )
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for factor in queryset.select_related("user"):
            if self.has_delete_permission(request, factor):
                self.delete_model(request, factor)

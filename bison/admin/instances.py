"""The hosts that Email Bison runs on: how each connection is,
and whose turn it is with a key that all share.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bison import access
from bison.admin import entering
from bison.instances import BISON, declaring, discovering, saving
from bison.models import Instance, Turn
from core import vendors
from core.admin import acting
from core.admin.acting import Answer
from core.admin.base import AppendOnlyAdmin, HouseAdmin, moment, mono
from core.vendors.values import plain
from core.words.pills import pill

CHOICES = {declaring.MAIN: _("Main key"), declaring.BACKUP: _("Backup key")}

SHOWN = (
    "connection",
    "why_not",
    "what_is_set",
    "what_waits",
    "health",
    moment("health_since", _("since")),
    moment("last_discovered_at", _("last search")),
)


class InstanceForm(forms.ModelForm):  # type: ignore[type-arg]
    """What an instance is called, and when its key is to be replaced.
    Its address and keys have a page of their own.
    """

    class Meta:
        model = Instance
        fields = ("slug", "name", "rotation_due_at")

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if not name:
            raise ValidationError(saving.NO_NAME)
        return name


@admin.register(Instance)
class InstanceAdmin(HouseAdmin):
    """The instances; an act at the vendor is the same as of page and API."""

    form = InstanceForm
    list_display = (
        "name",
        "slug",
        "connection",
        "key_in_use",
        "health",
        moment("health_since", _("since")),
        moment("last_discovered_at", _("last search")),
        moment("rotation_due_at", _("rotation due")),
    )
    list_filter = ("health_status",)
    list_select_related = ("account",)
    search_fields = ("name", "slug", "=id")
    fields = ("slug", "name", "rotation_due_at", *SHOWN)
    readonly_fields = SHOWN
    ordering = ("name", "id")
    actions = ("test", "discover", "use_main_key", "use_backup_key")
    object_acts = actions
    object_links = (("keys/", _("Address and keys")),)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(entering.view(self, entering.InstanceKeys))
        return [
            path("<path:object_id>/keys/", view, name="bison_instance_keys"),
            *super().get_urls(),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Fix the slug: the names of its variables in the environment are made of it."""
        fixed: tuple[str, ...] = ()
        if obj:
            fixed = ("slug",)
        return [*super().get_readonly_fields(request, obj), *fixed]

    def save_model(self, request: HttpRequest, obj: Instance, form: Any, change: bool) -> None:
        entered = {name: form.cleaned_data[name] for name in ("name", "rotation_due_at")}
        if not change:
            saving.add(obj.slug, obj.name, {}, actor=request.user, request=request)
            made = Instance.objects.get(slug=obj.slug)
            obj.pk, obj.account, obj._state.adding = made.pk, made.account, False
        stored = Instance.objects.select_related("account").get(pk=obj.pk)
        saving.change(stored, entered, actor=request.user, request=request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: its workspaces, and all that is known of them, hang on it."""
        return False

    @admin.display(description=_("connection"), ordering="account__state")
    def connection(self, instance: Instance) -> SafeString:
        return pill(instance.account.state)

    @admin.display(description=_("Error"))
    def why_not(self, instance: Instance) -> str:
        return instance.account.why or "–"

    @admin.display(description=_("key in use"))
    def key_in_use(self, instance: Instance) -> str:
        return str(CHOICES.get(plain(instance.account, "active_key") or declaring.MAIN, "–"))

    @admin.display(description=_("health"), ordering="health_status")
    def health(self, instance: Instance) -> SafeString:
        return pill(instance.health_status)

    @admin.display(description=_("what is set"))
    def what_is_set(self, instance: Instance) -> str:
        shown = vendors.masked(instance.account)
        return ", ".join(f"{field.label}: {shown[field.name] or '–'}" for field in BISON.fields)

    @admin.display(description=_("Next key"))
    def what_waits(self, instance: Instance) -> str:
        if vendors.has_next(instance.account):
            return str(_("A new key waits until it has worked."))
        return "–"

    @admin.action(description=_("Test connection"), permissions=["enter"])
    def test(self, request: HttpRequest, chosen: QuerySet[Instance]) -> None:
        def act(instance: Instance) -> Answer:
            result = vendors.check(instance.account, actor=request.user, request=request)
            return Answer(result.message, is_good=result.success)

        acting.with_each(request, chosen, act)

    @admin.action(description=_("Look for workspaces"), permissions=["discover"])
    def discover(self, request: HttpRequest, chosen: QuerySet[Instance]) -> None:
        acting.show_started(
            request,
            lambda: [
                discovering.start(each, trigger="admin", started_by=request.user) for each in chosen
            ],
        )

    @admin.action(description=_("Use the main key"), permissions=["use_key"])
    def use_main_key(self, request: HttpRequest, chosen: QuerySet[Instance]) -> None:
        _use(request, chosen, declaring.MAIN)

    @admin.action(description=_("Use the backup key"), permissions=["use_key"])
    def use_backup_key(self, request: HttpRequest, chosen: QuerySet[Instance]) -> None:
        _use(request, chosen, declaring.BACKUP)

    def acts_on(self, row: Instance) -> list[str]:
        in_use = plain(row.account, "active_key") or declaring.MAIN
        return [name for name in self.object_acts if name != f"use_{in_use}_key"]

    def has_enter_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, access.CHANGE_INSTANCES)

    def has_discover_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, access.DISCOVER)

    def has_use_key_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, access.USE_KEY)


def _use(request: HttpRequest, chosen: QuerySet[Instance], choice: str) -> None:
    def act(instance: Instance) -> Answer:
        saved = declaring.use_key(instance, choice, actor=request.user, request=request)
        return Answer(saved.message, is_good=saved.result is None or saved.result.success)

    acting.with_each(request, chosen, act)


@admin.register(Turn)
class TurnAdmin(AppendOnlyAdmin):
    """Whose turn it is with each super-admin key: a lease that ends by itself."""

    list_display = ("name", "state", moment("until", _("until")))
    search_fields = ("=key", "=holder")
    search_help_text = _("The fingerprint of a key or the id of a turn, written in full")
    ordering = ("key",)
    fields = ("name", "state", "holder", "until")

    @admin.display(description=_("fingerprint of the key"), ordering="key")
    def name(self, turn: Turn) -> SafeString:
        return mono(turn.key[:16])

    @admin.display(description=_("status"))
    def state(self, turn: Turn) -> SafeString:
        if turn.holder is not None and turn.until > timezone.now():
            return pill("running", _("In use"))
        return pill("inactive", _("Free"))

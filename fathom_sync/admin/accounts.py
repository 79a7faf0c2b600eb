"""The Fathom accounts in the management portal: whose they are, how each connection is;
keys go in, never out.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES

from core.admin import acting
from core.admin.acting import Answer
from core.admin.base import HouseAdmin, moment
from core.masking import Secret
from core.runs import Started
from core.secrets.forms import REMOVE, SecretFormField, SecretInput
from core.words.pills import pill, switched
from fathom_sync import accounts
from fathom_sync.accounts import config, connection, registration
from fathom_sync.ledger import reconciling
from fathom_sync.models import FathomAccount
from fathom_sync.syncs import sync


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whose it is, and a key and a secret that can be written and replaced, never read."""

    api_key = SecretFormField(label=_("API key"), required=False, validators=[config.check_key])
    webhook_secret = SecretFormField(
        label=_("Webhook secret"), required=False, validators=[config.check_secret]
    )

    class Meta:
        model = FathomAccount
        fields = ("organization", "rep", "label", "fathom_teams")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        account = self.instance
        for name, find in (
            ("api_key", accounts.api_key),
            ("webhook_secret", accounts.webhook_secret),
        ):
            if name in self.fields:  # not there for somebody who may only look
                self.fields[name].widget = SecretInput({"class": " ".join(INPUT_CLASSES)})
                self.initial[name] = None if account._state.adding else find(account)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        rep = cleaned.get("rep")
        if rep is not None and cleaned.get("organization") != rep.organization:
            raise ValidationError({"rep": _("Choose the organization of this rep too.")})
        return cleaned


@admin.register(FathomAccount)
class FathomAccountAdmin(HouseAdmin):
    """The installation's, organizations' own, reps' own."""

    form = AccountForm
    list_display = (
        "name", "state", "webhook", moment("watermark", _("fetched up to")),
        moment("last_synced_at", _("last sync")),
    )  # fmt: skip
    list_select_related = ("organization", "rep")
    search_fields = ("label", "organization__name", "rep__name", "=id")
    autocomplete_fields = ("organization", "rep")
    fields = (
        "organization",
        "rep",
        "label",
        "fathom_teams",
        "api_key",
        "webhook_secret",
        "state",
        "webhook",
        "watermark",
    )
    readonly_fields = ("state", "webhook", "watermark")
    ordering = ("created_at", "id")
    actions = ("test", "resync", "reconcile")
    object_acts = ("test", "resync", "reconcile")

    def acts_on(self, row: Any) -> Iterable[str]:
        """Offer nothing that asks Fathom where no key is."""
        if accounts.api_key(row):
            return self.object_acts
        return ()

    @admin.action(description=_("Test connection"), permissions=["change"])
    def test(self, request: HttpRequest, chosen: QuerySet[FathomAccount]) -> None:
        def act(account: FathomAccount) -> Answer:
            result = connection.check(account, actor=request.user, request=request)
            return Answer(result.message, is_good=result.success)

        acting.with_each(request, chosen, act)

    @admin.action(description=_("Sync now"), permissions=["change"])
    def resync(self, request: HttpRequest, chosen: QuerySet[FathomAccount]) -> None:
        started = [
            sync.start_sync(account, trigger="admin", started_by=request.user) for account in chosen
        ]
        _say_started(request, started)

    @admin.action(description=_("Compare with Fathom now"), permissions=["change"])
    def reconcile(self, request: HttpRequest, chosen: QuerySet[FathomAccount]) -> None:
        started = [
            reconciling.start_reconcile(account, trigger="admin", started_by=request.user)
            for account in chosen
        ]
        _say_started(request, started)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Fix the owner: an account stays with it."""
        fixed: tuple[str, ...] = ()
        if obj:
            fixed = ("organization", "rep")
        return [*super().get_readonly_fields(request, obj), *fixed]

    @admin.display(description=_("account"))
    def name(self, account: FathomAccount) -> str:
        return str(account)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list with the state of every row that is shown, read at once."""
        shown = super().get_changelist_instance(request)
        found = accounts.states(shown.result_list)
        for account in shown.result_list:
            account.state_read = found[account.pk].state
        return shown

    @admin.display(description=_("connection"))
    def state(self, account: Any) -> SafeString:
        return pill(str(getattr(account, "state_read", None) or accounts.status(account)))

    @admin.display(description=_("webhook"))
    def webhook(self, account: FathomAccount) -> SafeString:
        return switched(bool(account.webhook_id))

    def save_model(self, request: HttpRequest, obj: FathomAccount, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        stored = accounts.save(
            obj,
            api_key=_entered(form.cleaned_data.get("api_key")),
            webhook_secret=_entered(form.cleaned_data.get("webhook_secret")),
            insist=False,
            actor=request.user,
            request=request,
        )
        if stored.waits:
            # Nothing is asked of Fathom in the admin's transaction: the page of the link does that.
            messages.warning(request, _("It has not worked yet, so the present one stays in use."))
        if registration.is_of_another_key(obj):
            messages.warning(request, registration.OF_ANOTHER_KEY)

    def delete_model(self, request: HttpRequest, obj: FathomAccount) -> None:
        if obj.webhook_id:
            # Its secret would be gone, and Fathom would go on sending.
            messages.error(
                request, _("Turn off its webhook first, on the page of the Fathom link.")
            )
            return
        accounts.remove(obj, actor=request.user, request=request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[FathomAccount]) -> None:
        for account in queryset:
            self.delete_model(request, account)


def _say_started(request: HttpRequest, started: list[Started]) -> None:
    new = sum(each.is_new for each in started)
    messages.success(
        request,
        _("%(new)d started, %(joined)d under way already.")
        % {"new": new, "joined": len(started) - new},
    )


def _entered(value: Any) -> Secret | str | None:
    """Return it as accounts.save() takes it: None keeps, '' removes."""
    if isinstance(value, Secret):
        return value
    if value is REMOVE:
        return ""
    return None

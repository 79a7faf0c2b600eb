"""Admin pages that store through a service, and lists with CSV import and export.

A form rehearses the service in a savepoint that is taken back, so that what the service refuses
is said on the form.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportMixin
from import_export.formats.base_formats import CSV
from import_export.forms import ConfirmImportForm
from import_export.tmp_storages import CacheStorage
from unfold.contrib.import_export.forms import ImportForm
from unfold.widgets import UnfoldAdminSelectWidget

from core import audit
from core.admin.base import HouseAdmin
from core.admin.export import Exported
from crm.models import Organization
from crm.refusals import writing

FILE_GONE = _("The file of this dry run is not kept any more. Choose it again.")
FORGED = _("This is not what the dry run was made of. Choose the file again.")


def _has_failed(result: Any) -> bool:
    return result.has_errors() or result.has_validation_errors()


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]  # Django makes it generic for the checker alone
    """Refuses what the service refuses."""

    store: ClassVar[Callable[..., Model]]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            self._rehearse(cleaned)
        return cleaned

    def _rehearse(self, cleaned: dict[str, Any]) -> None:
        try:
            with transaction.atomic():
                type(self).store(self.instance, cleaned)
                transaction.set_rollback(True)
        except ValidationError as error:
            found = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
            for name, errors in found.items():
                self.add_error(name if name in self.fields else None, ValidationError(errors))

    def validate_constraints(self) -> None:
        """Leave this out: the service has looked already, and says it in its own words."""


class ThroughServices(HouseAdmin):
    """`store(row, values)` makes or changes, `drop(row, request)` deletes."""

    store: ClassVar[Callable[..., Model]]
    drop: ClassVar[Callable[..., Any]]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.store = staticmethod(lambda row, values: type(self).store(row, values, request))
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let nobody move a thing out of its organization."""
        shown = super().get_readonly_fields(request, obj)
        if obj is None:
            return shown
        return (*shown, "organization")

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        stored = type(self).store(obj, form.cleaned_data, request)
        obj.__dict__.update(stored.__dict__)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        try:
            type(self).drop(obj, request)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with writing():
            for row in queryset:
                self.delete_model(request, row)


class _ChoosesOrganization(ImportForm):
    """The file, and whose it is."""

    organization = forms.ModelChoiceField(
        queryset=Organization.objects.all(), label=_("Organization"), widget=UnfoldAdminSelectWidget
    )


class _KeepsOrganization(ConfirmImportForm):
    """What the dry run was made of; each value may have been forged meanwhile."""

    organization = forms.ModelChoiceField(
        queryset=Organization.objects.all(), widget=forms.HiddenInput
    )
    format = forms.ChoiceField(choices=[("0", "CSV")], widget=forms.HiddenInput)
    resource = forms.ChoiceField(choices=[("0", "0")], widget=forms.HiddenInput, required=False)

    def clean_import_file_name(self) -> str:
        name: str = super().clean_import_file_name()
        if not cache.has_key(f"{CacheStorage.CACHE_PREFIX}{name}"):
            raise ValidationError(FILE_GONE)
        return name


class CsvBothWays(ImportMixin, Exported):
    """Import with a dry run first, export as it can be imported again; both audited."""

    list_before_template = "admin/koppel/window.html"
    import_form_class = _ChoosesOrganization
    confirm_form_class = _KeepsOrganization
    formats: ClassVar = [CSV]
    from_encoding = "utf-8-sig"
    # All web processes see it, on whichever machine, and it is gone after an hour.
    tmp_storage_class = CacheStorage
    skip_admin_log = True
    export_key = ("created_at", "id")

    def has_import_permission(self, request: HttpRequest) -> bool:
        admin: Any = self
        return bool(admin.has_add_permission(request) and admin.has_change_permission(request))

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_confirm_form_initial(request, import_form)
        if not import_form:
            return initial
        return initial | {"organization": import_form.cleaned_data["organization"].pk}

    def get_import_resource_kwargs(
        self, request: HttpRequest, *_more: Any, **kwargs: Any
    ) -> dict[str, Any]:
        form = kwargs.get("form")
        chosen: Mapping[str, Any] = getattr(form, "cleaned_data", None) or {}
        return {"organization": chosen.get("organization"), "request": request}

    def import_action(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Make the dry run; answer 400 for a file that is no table, or has too many rows."""
        answer = super().import_action(request, **kwargs)
        result, form = (answer.context_data.get(name) for name in ("result", "form"))
        if any([getattr(form, "errors", None), getattr(result, "base_errors", None)]):
            answer.status_code = 400
        return answer

    def process_import(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Import what a dry run was made of; answer 400 for anything else."""
        if request.method != "POST" or self.create_confirm_form(request).is_valid():
            return super().process_import(request, **kwargs)
        message = FORGED
        if FILE_GONE in self.create_confirm_form(request).errors.get("import_file_name", []):
            message = FILE_GONE
        messages.error(request, message)
        request.POST = QueryDict()
        answer = self.import_action(request, **kwargs)
        answer.status_code = 400
        return answer

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Store all rows or none, and the audit row with them."""
        with transaction.atomic():
            result = super().process_dataset(
                dataset, form, request, rollback_on_validation_errors=True, **kwargs
            )
            if not _has_failed(result):
                organization = form.cleaned_data["organization"]
                audit.record(
                    "import.made",
                    actor=request.user,
                    request=request,
                    organization_id=organization.pk,
                    kind=self.export_name,
                    rows=dict(result.totals),
                )
        return result

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """Report what changed between the dry run and the confirmation, and store nothing then."""
        if _has_failed(result):
            messages.error(
                request, _("Nothing was imported: a row is not right any more. Try the file again.")
            )
            result.totals = dict.fromkeys(result.totals, 0)
        answer: HttpResponse = super().process_result(result, request)
        return answer

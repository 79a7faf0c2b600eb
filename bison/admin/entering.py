"""Pages on which keys go in: the box is always empty, what is stored stands behind it as a mask.

They are pages of their own, as what is entered is tried at the vendor, and that in no transaction.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from bison import access
from bison.instances import BISON, saving
from bison.keys import entering
from bison.keys.revoking import mask_of
from bison.models import Workspace
from core import vendors
from core.connections import TestResult
from core.errors import VendorError
from core.http.turns import Busy
from core.masking import Secret
from core.secrets.forms import KEEP, REMOVE, SecretFormField, SecretInput


class Outcome(Protocol):
    """What a service answers to what was entered."""

    @property
    def message(self) -> str: ...

    @property
    def result(self) -> TestResult | None: ...


class Keys(forms.Form):
    """A form whose secrets are never shown; `save` gives what was entered to the service."""

    title: Any = ""
    permission = ""

    def __init__(self, row: Any, data: Any = None) -> None:
        super().__init__(data)
        self.row = row

    def save(self, request: HttpRequest) -> Outcome:
        raise NotImplementedError

    def secret(self, name: str, label: Any, mask: str, *, required: bool) -> None:
        """Add a box for a secret, with the mask of what is stored behind it."""
        attrs = {"class": " ".join(INPUT_CLASSES)}
        if mask:
            attrs["placeholder"] = mask
            self.initial[name] = Secret(mask)
        self.fields[name] = SecretFormField(
            label=label, required=required, widget=SecretInput(attrs)
        )

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused, under its field where it has one."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, ValidationError(errors))


class InstanceKeys(Keys):
    """An instance's address and its two super-admin keys, as its account declares them."""

    title = _("Address and keys")
    permission = access.CHANGE_INSTANCES

    def __init__(self, row: Any, data: Any = None) -> None:
        super().__init__(row, data)
        shown = vendors.masked(row.account)
        for name in saving.OF_ACCOUNT:
            field = BISON.field(name)
            if field.secret:
                self.secret(name, field.label, shown[name], required=field.required)
                continue
            self.fields[name] = forms.CharField(
                label=str(field.label),
                required=field.required,
                initial=shown[name],
                max_length=field.longest,
                widget=UnfoldAdminTextInputWidget(attrs={"placeholder": field.placeholder}),
            )

    def save(self, request: HttpRequest) -> Outcome:
        entered = {name: value for name, value in self.cleaned_data.items() if value is not KEEP}
        entered |= {name: "" for name, value in entered.items() if value is REMOVE}
        return saving.change(self.row, entered, actor=request.user, request=request)


class WorkspaceKey(Keys):
    """A workspace's own key: it waits until it has worked."""

    title = _("Workspace key")
    permission = access.CHANGE

    def __init__(self, row: Any, data: Any = None) -> None:
        super().__init__(row, data)
        self.secret("api_key", _("API key"), mask_of(row.bison_api_key), required=True)
        self.fields["api_key_name"] = forms.CharField(
            label=_("Name of the key"),
            required=False,
            max_length=200,
            widget=UnfoldAdminTextInputWidget(),
        )
        self.fields["api_key_type"] = forms.ChoiceField(
            label=_("Kind of key"),
            choices=Workspace.KeyType.choices,
            widget=UnfoldAdminSelectWidget(),
        )

    def save(self, request: HttpRequest) -> Outcome:
        entered = self.cleaned_data
        key = entered["api_key"]
        if key is KEEP:
            return entering.Saved(str(entering.UNCHANGED))
        return entering.enter(
            self.row,
            key,
            name=entered["api_key_name"],
            key_type=entered["api_key_type"],
            actor=request.user,
            request=request,
        )


def view(page: Any, of: type[Keys]) -> Callable[[HttpRequest, str], HttpResponse]:
    """Return the view of a page that enters keys for one row of an admin."""

    def keys(request: HttpRequest, object_id: str) -> HttpResponse:
        if not access.may(request.user, of.permission):
            raise PermissionDenied
        row = page.get_object(request, object_id)
        if row is None:
            raise Http404
        form = of(row, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and _stored(request, form):
            return HttpResponseRedirect(_page_of(row))
        return render(request, "admin/koppel/values.html", _context(page, request, row, form))

    return keys


def _stored(request: HttpRequest, form: Keys) -> bool:
    """Give it to the service, and tell whether it was taken;
    what it was refused for stands in the form.
    """
    try:
        saved = form.save(request)
    except ValidationError as error:
        form.refuse(error)
        return False
    except (Busy, VendorError) as error:
        form.add_error(None, getattr(error, "message", str(error)))
        return False
    tell = messages.success
    if saved.result is not None and not saved.result.success:
        tell = messages.warning
    tell(request, saved.message)
    return True


def _context(page: Any, request: HttpRequest, row: Any, form: Keys) -> Mapping[str, Any]:
    return {
        **page.admin_site.each_context(request),
        "title": form.title,
        "form": form,
        "original": row,
        "opts": row._meta,
        "back": _page_of(row),
        "note": _(
            "A key that works stays in use until a new one has worked. Keys are never shown."
        ),
    }


def _page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])

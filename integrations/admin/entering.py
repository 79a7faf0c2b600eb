"""The page on which an integration's values go in: made of what its provider declares,
secrets as masks alone.

It is a page of its own, as what is entered is tried at the vendor, and that in no transaction.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from unfold import widgets

from core.errors import VendorError
from core.http.turns import Busy
from integrations import access, forms, registry, services
from integrations.models import Integration

WIDGETS: Final[Mapping[str, Any]] = {
    "text": widgets.UnfoldAdminTextInputWidget,
    "password": widgets.UnfoldAdminPasswordWidget,
    "url": widgets.UnfoldAdminURLInputWidget,
    "number": widgets.UnfoldAdminTextInputWidget,
    "json": widgets.UnfoldAdminTextareaWidget,
    "textarea": widgets.UnfoldAdminTextareaWidget,
    "checkbox": widgets.UnfoldBooleanSwitchWidget,
    "select": widgets.UnfoldAdminSelectWidget,
    "choices": widgets.UnfoldAdminCheckboxSelectMultiple,
}


class ConnectionForm(forms.ConnectionForm):
    """The declared fields in the admin's own boxes."""

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.fields["integration_name"].widget = widgets.UnfoldAdminTextInputWidget()

    def widget(self, kind: str, attributes: dict[str, Any]) -> Any:
        if kind == "password":
            return WIDGETS[kind](attributes, render_value=False)
        return WIDGETS[kind]({name: value for name, value in attributes.items() if name != "class"})


def view(page: Any) -> Any:
    """Return the view of the page for one integration of this admin."""

    @sensitive_post_parameters()
    def values(request: HttpRequest, object_id: str) -> HttpResponse:
        if not request.user.has_perm(access.CHANGE):
            raise PermissionDenied
        row = page.get_object(request, object_id)
        provider = registry.find(row.provider) if row is not None else None
        if row is None or provider is None:
            raise Http404
        form = ConnectionForm(
            provider, request.POST if request.method == "POST" else None, integration=row
        )
        if request.method == "POST" and form.is_valid() and _stored(request, row, form):
            return HttpResponseRedirect(_page_of(row))
        return render(request, "admin/koppel/values.html", _context(page, request, row, form))

    return values


def _stored(request: HttpRequest, row: Integration, form: ConnectionForm) -> bool:
    """Give it to the service, and tell whether it was taken;
    what it was refused for stands in the form.
    """
    try:
        saved = services.change(
            row,
            name=form.cleaned_data["integration_name"],
            given=form.given(),
            actor=request.user,
            request=request,
        )
    except ValidationError as error:
        form.refuse(error)
        return False
    except (Busy, VendorError) as error:
        form.add_error(None, getattr(error, "message", str(error)))
        return False
    if saved is None:
        messages.success(request, _("Saved."))
        return True
    tell = messages.success
    if saved.result is not None and not saved.result.success:
        tell = messages.warning
    tell(request, saved.message)
    return True


def _context(
    page: Any, request: HttpRequest, row: Integration, form: ConnectionForm
) -> Mapping[str, Any]:
    return {
        **page.admin_site.each_context(request),
        "title": _("Connection"),
        "form": form,
        "original": row,
        "opts": row._meta,
        "back": _page_of(row),
        "note": _("What works stays in use until new values have worked. Secrets are never shown."),
    }


def _page_of(row: Integration) -> str:
    return reverse("admin:integrations_integration_change", args=[row.pk])

"""The page of erasures and exports, one certificate, and the file.
Every act is the service that the API calls.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from core.api import throttles
from core.privacy import places
from core.words import times
from crm.models import Erasure, PersonExport
from crm.privacy import asking, erasing, exporting, returning
from crm.serializers.privacy import described
from dashboard.privacy import tables
from dashboard.privacy.asking import AddressForm, AllowForm, EraseForm, Place, entered
from dashboard.tables import NOTHING
from dashboard.views import person

Row = TypeVar("Row", Erasure, PersonExport)
SHOWN: Final = 50
# As often as the API takes a wish, and counted together with it.
PER_HOUR: Final = 60
TOO_MANY: Final = gettext_lazy("You have asked for a lot. Try again in an hour.")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Show what was asked for; POST asks for a file or an erasure, or allows an address again."""
    place = entered(request)
    what = request.POST.get("what")
    export_form, erase_form = AddressForm(prefix="export"), EraseForm(prefix="erase")
    allow_form = AllowForm(prefix="allow")
    if request.method == "POST" and what == "allow":
        allow_form = AllowForm(request.POST, prefix="allow")
        if _asked(request, allow_form, lambda values: _allow(request, place, values)):
            messages.success(request, _("Syncs and files may bring this address in again."))
            return redirect("dashboard:privacy")
    elif request.method == "POST" and what == "erase":
        erase_form = EraseForm(request.POST, prefix="erase")
        if _asked(request, erase_form, lambda values: _erase(request, place, values)):
            messages.success(
                request, _("The person is being erased. The certificate stands below.")
            )
            return redirect("dashboard:privacy")
    elif request.method == "POST":
        export_form = AddressForm(request.POST, prefix="export")
        if _asked(request, export_form, lambda values: _export(request, place, values)):
            messages.success(
                request, _("The file is being made. It is there for 24 hours, for you alone.")
            )
            return redirect("dashboard:privacy")
    context = {
        "place": place,
        "export_form": export_form,
        "erase_form": erase_form,
        "allow_form": allow_form,
        "erasures": tables.erasures(_newest(Erasure, place)),
        "exports": tables.exports(_newest(PersonExport, place), person(request)),
    }
    return render(request, "dashboard/privacy/page.html", context)


@require_safe
@login_required
def certificate(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    """Show one certificate, to be printed."""
    found = _theirs(request, get_object_or_404(Erasure, pk=erasure_id))
    finished = ""
    if found.finished_at:
        finished = times.exactly(found.finished_at)
    facts = [
        (_("Asked for"), f"{times.exactly(found.asked_at)} · {found.asked_by_name}"),
        (_("Finished"), finished or NOTHING),
        (_("Stands for the address"), found.address_hash),
    ]
    left = [f"{places.name_of(place)}: {number}" for place, number in sorted(found.left.items())]
    context = {
        "erasure": found,
        "facts": facts,
        "table": tables.certificate(described(found)),
        "left": left,
    }
    return render(request, "dashboard/privacy/certificate.html", context)


@require_safe
@login_required
def download(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Hand out the file to whoever asked for it; recorded each time."""
    export = _theirs(
        request, get_object_or_404(PersonExport, pk=export_id, asked_by=person(request))
    )
    content = exporting.read(export, actor=person(request), request=request)
    if content is None:
        raise Http404
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="person-{export.pk}.zip"'
    answer["Cache-Control"] = "no-store"
    return answer


def _asked(request: HttpRequest, form: Any, ask: Callable[[dict[str, str]], object]) -> bool:
    """Give what was typed to the service; what it refuses stands in the form."""
    if not form.is_valid():
        return False
    if throttles.take("people", f"user:{person(request).pk}", PER_HOUR, 3600):
        form.add_error(None, TOO_MANY)
        return False
    try:
        ask(form.cleaned_data)
    except ValidationError as error:
        # By its fields, or of the whole: a form takes either.
        form.add_error(None, error)
        return False
    return True


def _theirs(request: HttpRequest, row: Row) -> Row:
    """Return a row of a place whose people they answer for; 404 for another's."""
    if not asking.may(person(request), row.organization_id):
        raise Http404
    return row


def _newest(model: type[Row], place: Place) -> list[Row]:
    return list(model._default_manager.filter(**place.of_it).order_by("-asked_at", "-pk")[:SHOWN])


def _erase(request: HttpRequest, place: Place, values: dict[str, str]) -> object:
    return erasing.ask(
        organization=place.organization,
        email=values["email"],
        again=values["confirm"],
        actor=person(request),
        request=request,
    )


def _allow(request: HttpRequest, place: Place, values: dict[str, str]) -> None:
    organization_id = place.organization.pk if place.organization else None
    returning.allow(organization_id, values["email"], actor=person(request), request=request)


def _export(request: HttpRequest, place: Place, values: dict[str, str]) -> object:
    return exporting.ask(
        organization=place.organization,
        email=values["email"],
        actor=person(request),
        request=request,
    )

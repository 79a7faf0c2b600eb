"""What is done with many workspaces at once: keys from a file, keys made at the vendor,
the registry as a file.
"""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from bison import access
from bison.instances import discovering
from bison.keys import bulk_making, exporting, importing, reading
from bison.keys.importing import Imported
from bison.keys.reading import Problem
from bison.models import Instance
from dashboard.forms import SwitchInput
from dashboard.tables import Column, Empty, Table
from dashboard.views import person
from dashboard.workspaces import choosing
from dashboard.workspaces.tabs import entered

# A person reads no further; the API names every one.
PROBLEMS_SHOWN: Final = 200
TEMPLATE: Final = "dashboard/workspaces/import.html"


class ImportForm(forms.Form):
    """A file of keys, and whether it is only looked at."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"), widget=forms.FileInput({"accept": ".csv,text/csv"})
    )
    dry_run = forms.BooleanField(
        label=gettext_lazy("Only look, store nothing"),
        required=False,
        initial=True,
        widget=SwitchInput,
    )
    only_good = forms.BooleanField(
        label=gettext_lazy("Store the good rows even if some are bad"), required=False
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > reading.MOST_BYTES:
            raise ValidationError(_("The file is too large."), code="too_large")
        return file


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def import_page(request: HttpRequest) -> HttpResponse:
    """Take a file of keys: looked at first, and stored where the person says so."""
    may = entered(request, access.IMPORT)
    form = ImportForm()
    context: dict[str, Any] = {"may": may}
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        if form.is_valid():
            context |= _imported(request, form)
    return render(request, TEMPLATE, {**context, "form": form})


def _imported(request: HttpRequest, form: ImportForm) -> dict[str, Any]:
    values = form.cleaned_data
    try:
        done = importing.import_keys(
            values["file"].read(),
            actor=person(request),
            request=request,
            dry_run=values["dry_run"],
            only_good=values["only_good"],
            trigger="page",
        )
    except ValidationError as error:
        form.add_error("file", ValidationError(error.messages))
        return {}
    return {
        "done": done,
        "looked": values["dry_run"],
        "problems": _problems(done),
        "result": _in_words(done),
    }


def _problems(done: Imported) -> Table[Problem]:
    columns: list[Column[Problem]] = [
        Column("row", _("Row"), lambda problem: problem.row or _("Whole file"), names_row=True),
        Column("column", _("Column"), lambda problem: problem.column),
        Column("message", _("What is wrong"), lambda problem: str(problem.message)),
    ]
    empty = Empty(_("Every row is good"), icon="circle-check")
    return Table(
        _("What is wrong with the file"), columns, list(done.problems)[:PROBLEMS_SHOWN], empty
    )


def _in_words(done: Imported) -> str:
    rows = ngettext("%(number)d row", "%(number)d rows", done.rows) % {"number": done.rows}
    words = _("%(rows)s: %(valid)d good, %(invalid)d bad, %(applied)d stored.")
    if done.is_stored_later:
        words = _(
            "%(rows)s: %(valid)d good, %(invalid)d bad. The good ones are stored part by part."
        )
    return words % {
        "rows": rows,
        "valid": done.valid,
        "invalid": done.invalid,
        "applied": done.applied,
    }


@require_POST
@login_required
def make_keys(request: HttpRequest, slug: str) -> HttpResponse:
    """Have a key made for each workspace of an instance that has none."""
    entered(request, access.GENERATE)
    started = bulk_making.start(_instance(slug), trigger="page", started_by=person(request))
    messages.success(request, started.message)
    return redirect("dashboard:run", started.run.pk)


@require_POST
@login_required
def discover(request: HttpRequest, slug: str) -> HttpResponse:
    """Look for workspaces at an instance."""
    entered(request, access.DISCOVER)
    started = discovering.start(_instance(slug), trigger="page", started_by=person(request))
    messages.success(request, started.message)
    return redirect("dashboard:run", started.run.pk)


@require_POST
@login_required
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Send the workspaces of an address as CSV, with their keys masked."""
    entered(request, access.EXPORT)
    wanted = choosing.chosen(request.GET)
    return exporting.export(wanted.found, actor=person(request), request=request)


def _instance(slug: str) -> Instance:
    found = Instance.objects.select_related("account").filter(slug=slug).first()
    if found is None:
        raise Http404
    return found

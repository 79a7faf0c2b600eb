"""The pages of sources. What a person may not see does not exist;
an act goes to the same service as the API.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.fathom import sync
from dashboard.navigation import Shell
from dashboard.sources import (
    assigning,
    bison,
    contacts,
    days,
    entering,
    fathom,
    pages,
    queue,
    records,
    tables,
    trying,
)
from dashboard.sources.rows import FATHOM, VENDORS
from dashboard.views import onward, person
from fathom_sync import access
from fathom_sync.meetings import undoing
from fathom_sync.meetings.assigning import Assigned

FOLDER = "dashboard/sources"
QUEUE = "dashboard:source_fathom_queue"


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Show every source that concerns the person."""
    shell = Shell(request)
    if not entering.sees_any(person(request), shell.scope):
        raise Http404
    return render(
        request, f"{FOLDER}/index.html", {"shell": shell, **pages.page(person(request), shell)}
    )


@require_safe
@login_required
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one source: Fathom, Email Bison or one of its instances, or an integration."""
    kind, _slash, name = slug.partition("/")
    if slug == FATHOM:
        shell = _of_fathom(request)
        return render(
            request,
            f"{FOLDER}/fathom.html",
            {"shell": shell, "name": VENDORS[FATHOM], **fathom.page(person(request), shell)},
        )
    if kind == "bison" and "/" not in name and entering.sees_bison(person(request)):
        return render(
            request, f"{FOLDER}/bison.html", bison.page(person(request), name, request.GET)
        )
    if kind == "integrations":
        try:
            integration_id = UUID(name)
        except ValueError as error:
            raise Http404 from error
        return render(request, f"{FOLDER}/integration.html", contacts.page(request, integration_id))
    raise Http404


@require_safe
@login_required
def fathom_days(request: HttpRequest) -> HttpResponse:
    """Show what Fathom lists against what is in Koppel, per rep and day."""
    shell = _of_fathom(request)
    user = person(request)
    shown = days.page(user, shell, request.GET)
    context = {
        **shown,
        "shell": shell,
        "name": VENDORS[FATHOM],
        "may_start": sync.may_start(user, shell),
        "table": tables.per_rep(shown["rows"]),
        "gaps_table": tables.gaps(shown["gaps"], days.address),
        "tabs": fathom.tabs(user, shell.scope, "source_fathom_days"),
    }
    return render(request, f"{FOLDER}/days.html", context)


@require_safe
@login_required
def fathom_records(request: HttpRequest) -> HttpResponse:
    """Show one day's recordings."""
    shell = _of_fathom(request)
    return render(
        request, f"{FOLDER}/records.html", records.page(person(request), shell, request.GET)
    )


@require_safe
@login_required
def fathom_queue(request: HttpRequest) -> HttpResponse:
    """Show what waits, by its cause."""
    shell = _of_fathom(request)
    user = person(request)
    shown = queue.page(user, shell)
    shown["tables"] = [
        (
            cause,
            tables.waiting(
                cause, form="assign" if shown["may_assign"] and cause.can_be_assigned else ""
            ),
        )
        for cause in shown["causes"]
    ]
    context = {
        "shell": shell,
        "name": VENDORS[FATHOM],
        **shown,
        "tabs": fathom.tabs(user, shell.scope, "source_fathom_queue"),
    }
    return render(request, f"{FOLDER}/queue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def fathom_assign(request: HttpRequest) -> HttpResponse:
    """Show the meetings of some groups and what assigning them adds;
    a POST that names a rep does it.
    """
    shell = _of_fathom(request)
    user = person(request)
    sent = request.POST if request.method == "POST" else request.GET
    keys = sent.getlist("group")[: queue.MOST_GROUPS]
    is_meant = request.method == "POST" and "rep" in request.POST
    context = assigning.page(user, shell, keys, request.POST if is_meant else None)
    if context["is_empty"]:
        messages.info(request, _("Nothing is selected that waits. Choose at least one address."))
        return onward(request, reverse(QUEUE))
    form = context.get("form")
    if not is_meant:
        return render(request, f"{FOLDER}/assign.html", {"shell": shell, **context})
    if form is None:
        raise PermissionDenied
    if form.is_valid():
        try:
            done = assigning.assign(request, user, shell, form, keys)
        except ValidationError as error:
            form.refuse(error)
        else:
            _say_assigned(request, done)
            return onward(request, reverse(QUEUE))
    return render(request, f"{FOLDER}/assign.html", {"shell": shell, **context})


@require_POST
@login_required
def fathom_undo(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Take an assignment back."""
    _of_fathom(request)
    user = person(request)
    found = get_object_or_404(access.assignments_for(user).select_related("rep"), pk=assignment_id)
    if not undoing.may_undo(user, found):
        raise PermissionDenied
    try:
        undone = undoing.undo(found, actor=user, request=request)
    except ValidationError as error:
        messages.info(request, " ".join(error.messages))
    else:
        tell = messages.success
        if undone.kept:
            tell = messages.warning
        tell(request, undone.message)
    return redirect(QUEUE)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def fathom_trying(request: HttpRequest) -> HttpResponse:
    """Try a rep's aliases out; a POST says what they would change, or saves them."""
    shell = _of_fathom(request)
    user = person(request)
    context = trying.page(user, shell, request.GET.get("rep", ""))
    context |= {
        "shell": shell,
        "name": VENDORS[FATHOM],
        "tabs": fathom.tabs(user, shell.scope, "source_fathom_trying"),
    }
    rep = context["rep"]
    if request.method == "POST":
        if rep is None:
            raise Http404
        if not context["may_save"]:
            raise PermissionDenied
        form = context["form"] = trying.form_of(rep, request.POST)
        if form.is_valid() and request.POST.get("what") == "save":
            if trying.save(request, user, rep, form):
                messages.success(request, _("Saved. Calls that wait follow in a moment."))
                return redirect(f"{reverse('dashboard:source_fathom_trying')}?rep={rep.pk}")
        elif form.is_valid():
            found = trying.simulate(user, rep, form)
            if found is not None:
                context |= {"found": found, "examples": trying.examples(found)}
    return render(request, f"{FOLDER}/trying.html", context)


def _of_fathom(request: HttpRequest) -> Shell:
    shell = Shell(request)
    if not shell.syncs_fathom:
        raise Http404
    return shell


def _say_assigned(request: HttpRequest, done: Assigned) -> None:
    """Say how many calls there are now, with the button that takes it back (its form
    is on the queue's page).
    """
    words = ngettext(
        "%(count)d call is in the library now.",
        "%(count)d calls are in the library now.",
        done.calls,
    )
    text = words % {"count": done.calls}
    if done.assignment is None:
        messages.success(request, text)
        return
    button = '{} <button type="submit" class="button button-small" form="undo-{}">{}</button>'
    messages.success(request, format_html(button, text, done.assignment.pk, _("Undo")))

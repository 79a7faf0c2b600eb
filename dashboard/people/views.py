"""The pages of leads and contacts. Who sees whom is told by `crm.access`;
every act is a service of `crm`.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.admin.export import in_slices, recorded, stream
from core.models import User
from crm import access, brief, services
from crm.models import Contact, Lead, Merge
from dashboard.navigation import Shell
from dashboard.people import entering, file, lists, twins
from dashboard.people.forms import BulkForm
from dashboard.tables import in_language
from dashboard.views import onward, person

FOLDER = "dashboard/people"
ADD_AND_CHANGE = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_required
def leads(request: HttpRequest) -> HttpResponse:
    """Show the leads, found by their words and cut by filters."""
    user = remembered(request)
    shell = Shell(request)
    page = lists.leads(user, shell, request)
    return render(request, f"{FOLDER}/leads.html", {**_frame(request, shell), **page})


@require_safe
@login_required
def contacts(request: HttpRequest) -> HttpResponse:
    """Show the contacts."""
    user = remembered(request)
    shell = Shell(request)
    page = lists.contacts(user, shell, request)
    return render(request, f"{FOLDER}/contacts.html", {**_frame(request, shell), **page})


@require_POST
@login_required
def export_leads(request: HttpRequest) -> StreamingHttpResponse:
    """Send the leads of an address as CSV; it is noted who took them along."""
    return _export(request, "leads", "crm.change_lead", lists.export_leads)


@require_POST
@login_required
def export_contacts(request: HttpRequest) -> StreamingHttpResponse:
    """Send the contacts of an address as CSV."""
    return _export(request, "contacts", "crm.change_contact", lists.export_contacts)


@require_POST
@login_required
def bulk(request: HttpRequest) -> HttpResponse:
    """Set the status or the team of the leads that are selected."""
    user = person(request)
    form = BulkForm(request.POST, access.teams_for(user))
    keys = [str(key) for key in request.POST.getlist("lead")]
    has_chosen = form.is_valid() and any(form.cleaned_data.values())
    if not keys or not has_chosen:
        messages.warning(request, _("Select leads, and choose a status or a team."))
        return _back(request)
    try:
        changed = entering.change_many(request, user, keys, form)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _back(request)
    words = ngettext("%(number)d lead was changed.", "%(number)d leads were changed.", changed)
    messages.success(request, words % {"number": changed})
    return _back(request)


@ADD_AND_CHANGE
@login_required
def add_lead(request: HttpRequest) -> HttpResponse:
    """Let somebody add a lead."""
    shell, user = Shell(request), person(request)
    organization = shell.current
    if organization is None or not access.may(user, "add", Lead, organization.pk):
        raise PermissionDenied
    form = entering.lead_form(user, organization, request.POST or None)
    if request.method == "POST":
        made = entering.save_lead(request, user, form, organization)
        if made is not None:
            messages.success(request, _("%(name)s was added.") % {"name": made.name})
            return onward(request, reverse("dashboard:person", args=[made.pk]))
    return render(
        request,
        f"{FOLDER}/form.html",
        {"form": form, "title": _("Add a lead"), "back": "dashboard:people"},
    )


@ADD_AND_CHANGE
@login_required
def add_contact(request: HttpRequest) -> HttpResponse:
    """Let somebody add a contact; `?lead=` names whose it is."""
    shell, user = Shell(request), person(request)
    lead = _lead_asked(request)
    organization = lead.organization if lead else shell.current
    if organization is None or not access.may(user, "add", Contact, organization.pk):
        raise PermissionDenied
    form = entering.contact_form(request.POST or None)
    if request.method == "POST":
        made = entering.save_contact(request, user, form, organization, lead=lead)
        if made is not None:
            messages.success(request, _("%(name)s was added.") % {"name": made.name})
            return onward(request, reverse("dashboard:contact", args=[made.pk]))
    context = {"form": form, "title": _("Add a contact"), "back": "dashboard:people_contacts"}
    return render(request, f"{FOLDER}/form.html", context)


@require_safe
@login_required
def lead(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Show the file of a lead."""
    user = remembered(request)
    found = _lead(request, lead_id)
    page = file.of_lead(user, Shell(request), found, request.GET.get("before", ""))
    return render(request, f"{FOLDER}/lead.html", page)


@require_safe
@login_required
def brief_of(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Show what to know before a call, on a page that can be printed."""
    user = remembered(request)
    found = _lead(request, lead_id)
    parts = file.parts(brief.of(user, found))
    return render(request, f"{FOLDER}/brief_page.html", {"person": found, "brief": parts})


@require_safe
@login_required
def contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Lead to the file of the lead behind whom a contact is, or show the contact."""
    found = _contact(request, contact_id)
    if (
        found.lead_id is not None
        and access.leads_for(person(request)).filter(pk=found.lead_id).exists()
    ):
        return redirect("dashboard:person", found.lead_id)
    return render(
        request, f"{FOLDER}/contact.html", file.of_contact(person(request), Shell(request), found)
    )


@ADD_AND_CHANGE
@login_required
def edit_lead(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Let somebody change a lead, or how far it is."""
    found, user = _lead(request, lead_id), person(request)
    if not access.may(user, "status", Lead, found.organization_id):
        raise PermissionDenied
    form = entering.lead_form(user, found.organization, request.POST or None, found)
    if (
        request.method == "POST"
        and entering.save_lead(request, user, form, found.organization, found) is not None
    ):
        messages.success(request, _("Saved."))
        return onward(request, reverse("dashboard:person", args=[found.pk]))
    context = {"form": form, "title": found.name, "back": "dashboard:person", "back_to": found.pk}
    return render(request, f"{FOLDER}/form.html", context)


@ADD_AND_CHANGE
@login_required
def edit_contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Let somebody change a contact."""
    found, user = _contact(request, contact_id), person(request)
    if not access.may(user, "change", Contact, found.organization_id):
        raise PermissionDenied
    form = entering.contact_form(request.POST or None, found)
    if (
        request.method == "POST"
        and entering.save_contact(request, user, form, found.organization, found) is not None
    ):
        messages.success(request, _("Saved."))
        return onward(request, reverse("dashboard:contact", args=[found.pk]))
    context = {"form": form, "title": found.name, "back": "dashboard:contact", "back_to": found.pk}
    return render(request, f"{FOLDER}/form.html", context)


@ADD_AND_CHANGE
@login_required
def merge_leads(request: HttpRequest, lead_id: UUID, other_id: UUID) -> HttpResponse:
    """Hold two leads side by side; POST makes them one."""
    return _merge(request, _lead(request, lead_id), _lead(request, other_id), "dashboard:person")


@ADD_AND_CHANGE
@login_required
def merge_contacts(request: HttpRequest, contact_id: UUID, other_id: UUID) -> HttpResponse:
    """Hold two contacts side by side; POST makes them one."""
    return _merge(
        request, _contact(request, contact_id), _contact(request, other_id), "dashboard:contact"
    )


@require_POST
@login_required
def undo_lead_merge(request: HttpRequest, lead_id: UUID, merge_id: UUID) -> HttpResponse:
    """Take two leads apart again."""
    return _undo(request, _lead(request, lead_id), merge_id, "dashboard:person")


@require_POST
@login_required
def undo_contact_merge(request: HttpRequest, contact_id: UUID, merge_id: UUID) -> HttpResponse:
    """Take two contacts apart again."""
    return _undo(request, _contact(request, contact_id), merge_id, "dashboard:contact")


def remembered(request: HttpRequest) -> User:
    """Return who asks for a page that only shows: where they belong is read once for all of it."""
    user = person(request)
    access.remember_memberships(user)
    return user


def _merge(request: HttpRequest, found: Any, other: Any, back: str) -> HttpResponse:
    user = person(request)
    _permit_merge(request, found)
    _permit_merge(request, other)
    refused = ""
    if request.method == "POST":
        try:
            twins.merge(request, user, found, other)
        except ObjectDoesNotExist as error:
            raise Http404 from error
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            words = _("%(other)s was merged into %(name)s. You can undo it beside the timeline.")
            messages.success(request, words % {"other": other.name, "name": found.name})
            return onward(request, reverse(back, args=[found.pk]))
    context = {
        **twins.page(user, found, other),
        "refused": refused,
        "back": reverse(back, args=[found.pk]),
    }
    return render(request, f"{FOLDER}/merge.html", context)


def _undo(request: HttpRequest, found: Any, merge_id: UUID, back: str) -> HttpResponse:
    _permit_merge(request, found)
    row = Merge.objects.filter(pk=merge_id, **{f"{found._meta.model_name}_id": found.pk}).first()
    if row is None:
        raise Http404
    try:
        undone = twins.undo(request, person(request), found, row)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except services.AlreadyUndone as error:
        messages.info(request, " ".join(error.messages))
        return redirect(back, found.pk)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(back, found.pk)
    messages.success(request, twins.undone_in_words(undone))
    return redirect(back, found.pk)


def _permit_merge(request: HttpRequest, found: Any) -> None:
    if not file.May.of(person(request), found).merge:
        raise PermissionDenied


def _export(
    request: HttpRequest, what: str, permission: str, rows_of: Any
) -> StreamingHttpResponse:
    shell, user = Shell(request), person(request)
    if not lists.may_export(user, shell, permission):
        raise PermissionDenied
    table, found = rows_of(user, shell.scope, request.GET)
    recorded(request, "export.made", what)
    lines = table.csv_rows(in_slices(found, ("updated_at", "pk")))
    return stream(
        f"{what}-{timezone.now():%Y%m%d-%H%M}.csv",
        table.csv_header(),
        in_language(get_language(), lines),
    )


def _frame(request: HttpRequest, shell: Shell) -> dict[str, Any]:
    """Return what both lists have around them."""
    path, user, current = request.path_info.rstrip("/"), person(request), shell.current
    tabs = [
        {"label": label, "url": reverse(name), "current": path == reverse(name)}
        for label, name in (
            (_("Leads"), "dashboard:people"),
            (_("Contacts"), "dashboard:people_contacts"),
        )
    ]
    may_add = {
        model.__name__.lower(): current is not None and access.may(user, "add", model, current.pk)
        for model in (Lead, Contact)
    }
    return {"shell": shell, "tabs": tabs, "may_add": may_add}


def _lead(request: HttpRequest, lead_id: UUID) -> Lead:
    found = file.find_lead(person(request), lead_id)
    if found is None:
        raise Http404
    return found


def _contact(request: HttpRequest, contact_id: UUID) -> Contact:
    found = file.find_contact(person(request), contact_id)
    if found is None:
        raise Http404
    return found


def _lead_asked(request: HttpRequest) -> Lead | None:
    asked = request.GET.get("lead")
    if not asked:
        return None
    try:
        return _lead(request, UUID(asked))
    except ValueError as error:
        raise Http404 from error


def _back(request: HttpRequest) -> HttpResponse:
    """Lead back to the list as it was cut."""
    return redirect(f"{reverse('dashboard:people')}?{request.GET.urlencode()}")

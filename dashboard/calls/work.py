"""What a person does on the page of a call: each posts to the service that the API calls,
and shows its part anew.

Without scripts the whole page comes again, with what happened in words.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from calls.access import colleagues_of, may_work
from calls.models import Call, CallAction, CallComment
from calls.services import actions, comments, outcomes
from core.errors import Conflicting
from crm import access
from crm import services as crm
from crm.models import Appointment, Lead
from crm.services import By
from dashboard.calls import detail, parts, words
from dashboard.calls.forms import MAX_SEARCH, ActionForm
from dashboard.views import person

TELL: Final[Mapping[str, Any]] = {
    "good": messages.success,
    "warn": messages.warning,
    "bad": messages.error,
}
LEADS_SHOWN: Final = 20


@require_POST
@login_required
def set_outcome(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Say what came of a call."""
    call = worked_on(request, call_id)
    was, outcome = request.POST.get("was", "")[:100], request.POST.get("outcome", "")[:100]
    notice = _do(
        lambda: outcomes.set_outcome(call, outcome, was=was, actor=person(request), request=request)
    )
    undo = None
    if notice is None:
        notice = ("good", _outcome_in_words(outcome))
        if was in ("", *outcomes.OUTCOMES):
            undo = {"outcome": was, "was": outcome}
    else:
        call.refresh_from_db(fields=["outcome"])
    return _part(request, call, "outcome", notice, undo)


def _outcome_in_words(outcome: str) -> str:
    if not outcome:
        return _("The outcome is taken back.")
    return _("Outcome: %(outcome)s") % {"outcome": words.outcome(outcome)}


@require_POST
@login_required
def set_lead(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Say whom a call was with."""
    call = worked_on(request, call_id)
    was = call.lead_id
    seen = _uuid(request.POST.get("was", ""))
    entered = request.POST.get("lead", "")[:MAX_SEARCH].strip()
    lead = None
    if entered:
        lead = _lead_meant(request, call, entered)
        if lead is None:
            return _part(request, call, "lead", ("warn", _("No lead of this name")))
    notice = _do(
        lambda: outcomes.set_lead(call, lead, was=seen, actor=person(request), request=request)
    )
    undo = None
    if notice is None:
        notice = ("good", _("The lead is set.") if lead else _("The lead is taken off this call."))
        undo = {"lead": str(was or ""), "was": str(call.lead_id or "")}
    else:
        call = worked_on(request, call_id)
    return _part(request, call, "lead", notice, undo)


@require_safe
@login_required
def lead_options(request: HttpRequest, call_id: UUID) -> JsonResponse:
    """List the leads whose name or address is being typed, among those that this person sees."""
    call = worked_on(request, call_id)
    entered = request.GET.get("search", "")[:MAX_SEARCH].replace("\x00", "").strip()
    leads = access.leads_for(person(request), call.organization_id)
    if entered:
        leads = leads.filter(name__icontains=entered) | leads.filter(email__icontains=entered)
    rows = list(
        leads.order_by("name", "pk").values_list("pk", "name", "company", "email")[
            : LEADS_SHOWN + 1
        ]
    )
    shown = [
        {"value": str(key), "label": name, "hint": company or email}
        for key, name, company, email in rows[:LEADS_SHOWN]
    ]
    return JsonResponse({"options": shown, "more": len(rows) > LEADS_SHOWN})


@require_POST
@login_required
def add_action(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Add an action item by hand."""
    call = worked_on(request, call_id)
    text = request.POST.get("text", "")
    notice = _do(lambda: actions.add(call, text, actor=person(request), request=request))
    return _part(request, call, "actions", notice, focus="action-text")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def change_action(request: HttpRequest, call_id: UUID, action_id: UUID) -> HttpResponse:
    """Tick an item or take the tick away, drop it, or show the form by which it is
    given to somebody.
    """
    call = worked_on(request, call_id)
    action = get_object_or_404(CallAction, pk=action_id, call=call)
    action.call = call
    if request.method == "POST" and request.POST.get("act") == "tick":
        return _tick(request, action)
    if request.method == "POST" and request.POST.get("act") == "drop":
        notice = _do(lambda: actions.drop(action, actor=person(request), request=request))
        return _part(request, call, "actions", notice or ("good", _("The action item is removed.")))
    colleagues = (
        colleagues_of(call).select_related("user").order_by("user__first_name", "user__username")
    )
    names = [(str(member.pk), parts.name_of(member.user)) for member in colleagues]
    initial = {"assignee": str(action.assignee_id or ""), "due_on": action.due_on}
    form = ActionForm(request.POST or None, initial=initial, names=names)
    if request.method != "POST" or not form.is_valid():
        return _action_form(request, call, action, form)
    chosen = {str(member.pk): member for member in colleagues}.get(form.cleaned_data["assignee"])
    changes: Any = {"assignee": chosen, "due_on": form.cleaned_data["due_on"]}
    notice = _do(lambda: actions.change(action, actor=person(request), request=request, **changes))
    return _part(
        request, call, "actions", notice or ("good", _("Saved")), focus=f"action-{action.pk}"
    )


def _action_form(
    request: HttpRequest, call: Call, action: CallAction, form: ActionForm
) -> HttpResponse:
    template = "dashboard/calls/action_page.html"
    if request.htmx:  # type: ignore[attr-defined]
        template = "dashboard/calls/action_form.html"
    return render(request, template, {"call": call, "action": action, "form": form})


def _tick(request: HttpRequest, action: CallAction) -> HttpResponse:
    done = request.POST.get("done") == "1"
    notice = _do(lambda: actions.change(action, actor=person(request), request=request, done=done))
    undo = None
    if notice is None and done:
        notice, undo = ("good", _("Done")), {"act": "tick", "done": "0"}
    at = reverse("dashboard:call_action", args=[action.call_id, action.pk])
    return _part(request, action.call, "actions", notice, undo, at=at, focus=f"action-{action.pk}")


@require_POST
@login_required
def add_comment(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Write beside a call, at a time of it or of all of it."""
    call = worked_on(request, call_id)
    text = request.POST.get("text", "")
    try:
        at = parts.place(request.POST.get("at", ""))
    except ValueError:
        return _part(request, call, "comments", ("warn", _("Write the time as 2:05.")), text=text)
    notice = _do(lambda: comments.add(call, text, at=at, actor=person(request), request=request))
    return _part(request, call, "comments", notice, text=text if notice else "")


@require_POST
@login_required
def change_comment(request: HttpRequest, call_id: UUID, comment_id: UUID) -> HttpResponse:
    """Change or delete one's own comment."""
    call = worked_on(request, call_id)
    comment = get_object_or_404(CallComment, pk=comment_id, call=call)
    comment.call = call
    if request.POST.get("act") == "delete":
        notice = _do(lambda: comments.delete(comment, actor=person(request), request=request))
        return _part(request, call, "comments", notice or ("good", _("The comment is deleted.")))
    text = request.POST.get("text", "")
    notice = _do(lambda: comments.change(comment, text, actor=person(request), request=request))
    return _part(request, call, "comments", notice)


@require_POST
@login_required
def went(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    """Say how the call of a meeting went, on the way out of its room: outcome and note at once."""
    meeting = get_object_or_404(access.appointments_for(person(request)), pk=appointment_id)
    call = detail.call_of_meeting(person(request), meeting.pk)
    if call is None or not may_work(person(request), call):
        return _without_call(request, meeting)
    outcome, note = request.POST.get("outcome", "")[:100], request.POST.get("note", "")
    notice = None
    if outcome:
        notice = _do(
            lambda: outcomes.set_outcome(
                call, outcome, was=call.outcome, actor=person(request), request=request
            )
        )
    if notice is None and note.strip():
        notice = _do(
            lambda: comments.add(call, note, at=None, actor=person(request), request=request)
        )
    level, text = notice or ("good", _("Thank you, that is kept with the call."))
    TELL[level](request, text)
    return redirect("dashboard:call", call.pk)


def _without_call(request: HttpRequest, meeting: Appointment) -> HttpResponse:
    """Offer, of a meeting into whose room nobody came, to say that it was a no-show,
    and nothing else.
    """
    if (
        request.POST.get("outcome") != outcomes.NO_SHOW
        or meeting.status == Appointment.Status.CANCELLED
    ):
        raise Http404
    if not access.may(person(request), "status", Appointment, meeting.organization_id):
        raise PermissionDenied
    by = By(person(request), request)
    crm.update_appointment(appointment=meeting, status=Appointment.Status.NO_SHOW, by=by)
    messages.success(request, _("The meeting is marked as a no-show."))
    return redirect("dashboard:schedule")


def worked_on(request: HttpRequest, call_id: UUID) -> Call:
    """Return a call that this person sees and may work on."""
    call = detail.call(person(request), call_id)
    if call is None:
        raise Http404
    if not may_work(person(request), call):
        raise PermissionDenied
    return call


def _do(act: Any) -> tuple[str, str] | None:
    """Do it; return the tone and the words of the notice where it was refused."""
    try:
        act()
    except Conflicting as refusal:
        return "warn", " ".join(refusal.messages)
    except ValidationError as refusal:
        return "bad", " ".join(refusal.messages)
    return None


def _part(
    request: HttpRequest,
    call: Call,
    part: str,
    notice: tuple[str, str] | None = None,
    undo: Mapping[str, str] | None = None,
    *,
    at: str = "",
    focus: str = "",
    text: str = "",
) -> HttpResponse:
    """Show one part of the page anew, with what happened; without scripts lead back to the page."""
    if not request.htmx:  # type: ignore[attr-defined]
        if notice:
            TELL[notice[0]](request, notice[1])
        return redirect("dashboard:call", call.pk)
    shown = {"call": call, "focus": focus, "text": text, **parts.work(person(request), call)}
    answer = render(request, f"dashboard/calls/part_{part}.html", shown)
    if not notice:
        return answer
    event: dict[str, Any] = {"level": notice[0], "text": notice[1]}
    if undo is not None:
        address = at or request.path
        event["undo"] = {
            "word": _("Undo"),
            "address": address,
            "values": undo,
            "target": f"#call-{part}",
        }
    return trigger_client_event(answer, "koppel:toast", event)


def _lead_meant(request: HttpRequest, call: Call, entered: str) -> Lead | None:
    """Return the lead of this id, or, where it was typed and no script ran,
    the only lead of this name.
    """
    leads = access.leads_for(person(request), call.organization_id)
    key = _uuid(entered)
    if key is not None:
        return leads.filter(pk=key).first()
    named = list(leads.filter(name__iexact=entered.replace("\x00", ""))[:2])
    if len(named) == 1:
        return named[0]
    return None


def _uuid(entered: str) -> UUID | None:
    try:
        return UUID(entered)
    except ValueError:
        return None

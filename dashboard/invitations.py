"""The page behind an invitation's link: make an account or sign in, and join.

Opening the link changes nothing, for mail programs open links by themselves; only the button does.
"""

from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.models import User
from crm import services
from crm.current import switch_organization
from crm.models import Invitation, Member
from dashboard.forms import NewPersonForm

BACKEND = "core.signin.Backend"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """One invitation, for whoever holds its link."""
    try:
        found = services.read_invitation(token)
        return _joined(request, found, token) if request.method == "POST" else _page(request, found, _form(found))
    except services.InvitationGone as gone:
        return render(request, "dashboard/invitation.html", {"gone": gone.message}, status=404)


def _form(invitation: Invitation) -> NewPersonForm | None:
    """None when there is an account already: then its person signs in."""
    return None if services.account_exists(invitation) else NewPersonForm()


def _page(request: HttpRequest, invitation: Invitation, form: NewPersonForm | None) -> HttpResponse:
    shown = None if isinstance(request.user, User) else form
    return render(request, "dashboard/invitation.html", {"invitation": invitation, "form": shown})


def _joined(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    if isinstance(request.user, User):
        return _enter(request, services.accept_invitation(token=token, user=request.user, request=request))
    form = NewPersonForm(request.POST)
    if services.account_exists(invitation) or not form.is_valid():
        return _page(request, invitation, form if form.errors else None)
    try:
        member = services.accept_as_new_person(token=token, request=request, **form.cleaned_data)
    except ValidationError as error:
        form.refuse(error)
        return _page(request, invitation, form)
    login(request, member.user, backend=BACKEND)
    return _enter(request, member)


def _enter(request: HttpRequest, member: Member) -> HttpResponse:
    switch_organization(request=request, organization_id=member.organization_id)
    return redirect("dashboard:home")

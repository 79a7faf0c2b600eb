"""The page behind an invitation's link: make an account or sign in, and join.

Opening the link changes nothing, for mail programs open links by themselves; only the button does.
"""

from typing import Final

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.api import throttles
from core.models import User
from crm import services
from crm.current import switch_organization
from crm.models import Invitation, Member
from dashboard.forms import NewPersonForm

BACKEND = "core.signin.Backend"
# Mails to one invited address an hour that ask whether it is them.
PROOFS: Final = 3


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show one invitation, for whoever holds its link."""
    try:
        found = services.read_invitation(token)
        if request.method == "POST":
            return _joined(request, found, token)
        return _page(request, found, token, _form(found))
    except services.InvitationGone as gone:
        return render(request, "dashboard/invitation.html", {"gone": gone.message}, status=404)


def _form(invitation: Invitation) -> NewPersonForm | None:
    """Return the form; None when there is an account already: then its person signs in."""
    if services.account_exists(invitation):
        return None
    return NewPersonForm()


def _page(
    request: HttpRequest, invitation: Invitation, token: str, form: NewPersonForm | None
) -> HttpResponse:
    user = None
    if isinstance(request.user, User):
        user = request.user
    for_another = user is not None and not services.is_for(invitation, user, token)
    if user is not None:
        form = None
    shown = {"invitation": invitation, "form": form, "for_another": for_another}
    return render(request, "dashboard/invitation.html", shown)


def _proof_asked(
    request: HttpRequest, user: User, invitation: Invitation, token: str
) -> HttpResponse:
    """Ask for a proof by mail: a few an hour to one address, whoever asks."""
    wait = throttles.take("invitation-proof", str(invitation.pk), PROOFS, 3600)
    if wait:
        messages.error(
            request, _("Several mails were sent already. Look for them, or try again in an hour.")
        )
    else:
        services.ask_for_proof(token=token, user=user)
        messages.success(
            request, _("A mail is on its way to %(email)s.") % {"email": invitation.email}
        )
    return redirect(request.path)


def _joined(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    if isinstance(request.user, User):
        return _joined_as(request, request.user, invitation, token)
    form = NewPersonForm(request.POST)
    if services.account_exists(invitation) or not form.is_valid():
        return _page(request, invitation, token, form if form.errors else None)
    try:
        member = services.accept_as_new_person(token=token, request=request, **form.cleaned_data)
    except ValidationError as error:
        form.refuse(error)
        return _page(request, invitation, token, form)
    login(request, member.user, backend=BACKEND)
    return _enter(request, member)


def _joined_as(
    request: HttpRequest, user: User, invitation: Invitation, token: str
) -> HttpResponse:
    if services.is_for(invitation, user, token):
        return _enter(request, services.accept_invitation(token=token, user=user, request=request))
    if request.POST.get("what") == "prove":
        return _proof_asked(request, user, invitation, token)
    return _page(request, invitation, token, None)


def _enter(request: HttpRequest, member: Member) -> HttpResponse:
    switch_organization(request=request, organization_id=member.organization_id)
    return redirect("dashboard:home")

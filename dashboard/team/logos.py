"""An organization's logo: set and removed by who decides on it,
shown to whoever was told its address.
"""

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import services
from dashboard.team import entering
from dashboard.team.forms import LogoForm, OrganizationChoice, OrganizationForm
from dashboard.team.views import by
from dashboard.views import onward

PAGE: Final = "dashboard/team/organization.html"
YEAR: Final = 365 * 24 * 3600


@require_POST
@login_required
def change(request: HttpRequest) -> HttpResponse:
    """Set the logo; 422 with its reason at the field for what cannot be one."""
    visit, organization = entering.owned(request)
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            services.set_logo(
                organization=organization, content=form.cleaned_data["logo"], **by(request)
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return onward(request, visit.address("organization_settings"))
    context = {
        "visit": visit,
        "form": OrganizationForm.of(organization),
        "logo_form": form,
        "logo": services.logo_of(organization),
        "choice": OrganizationChoice(visit) if visit.is_staff else None,
    }
    return render(request, PAGE, context, status=422)


@require_POST
@login_required
def remove(request: HttpRequest) -> HttpResponse:
    """Show guests the name alone again."""
    visit, organization = entering.owned(request)
    if services.remove_logo(organization=organization, **by(request)):
        messages.success(request, _("Removed."))
    return onward(request, visit.address("organization_settings"))


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """Send the picture that has this digest, as a picture and nothing else."""
    found = services.logo_by_digest(digest)
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response._csp_exempt = True  # type: ignore[attr-defined]  # as django-csp does
    patch_cache_control(response, private=True, max_age=YEAR, immutable=True)
    return response

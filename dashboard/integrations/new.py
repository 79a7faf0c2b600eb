"""Connecting a service: which one, its form, a test of what is entered, and saving it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm import access as people
from dashboard.calls.forms import MAX_SEARCH
from dashboard.integrations import catalog
from dashboard.integrations.catalog import Service
from dashboard.integrations.entering import Visit
from dashboard.integrations.forms import ConnectionForm
from dashboard.integrations.granting import SignInForm, can_sign_in
from integrations import services, templates
from integrations.services import Created
from integrations.services.creating import NOT_FOR_ROLE, NotForRole
from integrations.tiers import TierLimit


def service(request: HttpRequest, visit: Visit) -> Service | None:
    """Return the service that the address names; None where it names none."""
    asked = request.POST if request.method == "POST" else request.GET
    return catalog.find(
        asked.get("provider", ""),
        asked.get("type", ""),
        visit.organization,
        is_staff=visit.is_staff,
    )


def page(request: HttpRequest, visit: Visit, chosen: Service | None, **more: Any) -> dict[str, Any]:
    """Return what the page shows: services to choose from, or the form of the chosen one."""
    words = request.GET.get("service", "")[:MAX_SEARCH]
    title = _("Add integration")
    if chosen is not None:
        title = _("Connect %(service)s") % {"service": chosen.name}
    context: dict[str, Any] = {
        "visit": visit,
        "service": chosen,
        "searched": words,
        "page_title": title,
    }
    if chosen is None:
        return {
            **context,
            "groups": catalog.groups(visit.organization, words, is_staff=visit.is_staff),
        }
    context["refusal"] = refusal(visit, chosen)
    if can_sign_in(chosen.provider):
        context["sign_in"] = SignInForm(chosen.provider)
    ready = [each for each in templates.TEMPLATES if each.provider == chosen.provider.key]
    context["templates"] = ready
    if "form" not in more:
        template = next(
            (each for each in ready if each.key == request.GET.get("template", "")), None
        )
        context["template"] = template
        form = ConnectionForm(chosen.provider, name=chosen.name)
        if template is not None:
            form = ConnectionForm(chosen.provider, name=template.name, begin=template.configuration)
        context["form"] = form
    return {**context, **more}


def refusal(visit: Visit, chosen: Service) -> str:
    """Say why the person may not connect this one; ''."""
    roles, organization = chosen.provider.roles, visit.organization
    if organization is None:
        return _("Choose an organization first.")
    if chosen.needs:
        return str(TierLimit(chosen.needs))
    if roles and people.role_in(visit.user, organization.pk) not in roles:
        return str(NOT_FOR_ROLE)
    return ""


def create(
    request: HttpRequest, visit: Visit, chosen: Service, form: ConnectionForm
) -> Created | None:
    """Connect it; None where the reasons stand on the form."""
    if visit.organization is None or not form.is_valid():
        return None
    try:
        return services.create(
            visit.organization,
            visit.user,
            name=form.cleaned_data["integration_name"],
            kind=chosen.kind,
            given=form.given(),
            is_shared=request.POST.get("is_shared") == "on",
            request=request,
        )
    except ValidationError as error:
        form.refuse(error)
    except (TierLimit, NotForRole) as refused:
        form.add_error(None, str(refused))
    return None

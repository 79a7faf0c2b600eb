"""A test as the pages show it: what is entered, or what is stored, step by step."""

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.api import throttles
from core.http import turns
from dashboard.integrations import steps
from dashboard.views import person
from integrations import services
from integrations.services import Tested
from integrations.services.creating import NotForRole
from integrations.tiers import TierLimit

TESTS: Final = "integration-test"
TESTS_PER_MINUTE: Final = 10


def too_often(request: HttpRequest) -> str:
    """Say so where the person had services asked often enough for the moment; else ''."""
    if throttles.take(TESTS, f"user:{person(request).pk}", TESTS_PER_MINUTE, 60):
        return _("That was tried often enough for the moment. Try again in a minute.")
    return ""


def outcome(request: HttpRequest, ask: Callable[[], Tested]) -> dict[str, Any]:
    """Return what a test found, or why there was none."""
    refused = too_often(request)
    if refused:
        return {"refused": refused}
    try:
        return {"tested": ask()}
    except (turns.Busy, TierLimit, NotForRole) as error:
        return {"refused": str(error)}


def of_entered(
    request: HttpRequest, form: Any, organization: Any, kind: str, integration: Any = None
) -> Any:
    """Try what is in a form; what cannot be a value stands at its field afterwards."""
    if not form.is_valid():
        return {}

    def ask() -> Tested:
        return services.try_entered(
            organization,
            person(request),
            kind=kind,
            given=form.given(),
            integration=integration,
            request=request,
            on_step=steps.watched(request),
        )

    try:
        return outcome(request, ask)
    except ValidationError as error:
        form.refuse(error)
        return {}


def of_stored(request: HttpRequest, integration: Any) -> dict[str, Any]:
    """Try what is stored, and keep how the connection is."""
    on_step = steps.watched(request)
    user = person(request)
    return outcome(
        request,
        lambda: services.try_stored(integration, actor=user, request=request, on_step=on_step),
    )

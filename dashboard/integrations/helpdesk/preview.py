"""The live preview of a widget: a bare page with the real script, for the frame beside its options.

The script comes from the demo's Chatwoot, whose owner may have entered any address. So the page is
cut off from Koppel twice: by the frame that shows it, and by its own policy where somebody opens
its address without that frame.
"""

from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import UUID

from csp.constants import NONCE, NONE, SELF
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from core.errors import Conflicting
from dashboard.integrations.helpdesk.demos import found
from dashboard.integrations.helpdesk.forms import WidgetForm
from dashboard.integrations.views import FOLDER
from integrations.helpdesk import widgets
from integrations.tiers import TierLimit

SANDBOX: Final = ("allow-scripts", "allow-popups")
SOCKETS: Final = {"https": "wss", "http": "ws"}


@require_safe
@xframe_options_sameorigin
@login_required
def page(request: HttpRequest, demo_id: UUID) -> HttpResponse:
    """Answer the page: 403 under the tier that has widgets, 404 without a widget,
    400 for what was not offered.
    """
    demo = found(request, demo_id)
    form = WidgetForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest()
    try:
        script = widgets.code_for(demo, widgets.look_of(**form.chosen))
    except TierLimit as limit:
        raise PermissionDenied from limit
    except Conflicting as error:
        raise Http404 from error
    except ValidationError:
        return HttpResponseBadRequest()
    response = render(request, f"{FOLDER}/widget_preview.html", {"demo": demo, "script": script})
    # django-csp's own decorator sets it so.
    response._csp_config = policy(demo.base_url)  # type: ignore[attr-defined]
    return response


def policy(base_url: str) -> dict[str, list[Any]]:
    """Return what the page may load: its own script, and what Chatwoot at this address has."""
    parts = urlsplit(base_url)
    place = f"{parts.netloc}{quote(parts.path.rstrip('/'), safe='/%')}/"
    at_chatwoot = f"{parts.scheme}://{place}"
    socket = f"{SOCKETS[parts.scheme]}://{place}"
    return {
        "default-src": [NONE],
        "script-src": [NONCE, at_chatwoot],
        "frame-src": [at_chatwoot],
        "connect-src": [at_chatwoot, socket],
        "img-src": [at_chatwoot, "data:"],
        "font-src": [at_chatwoot],
        "media-src": [at_chatwoot],
        # Chatwoot's script writes its styles into the page.
        "style-src": [at_chatwoot, "'unsafe-inline'"],
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": list(SANDBOX),
    }

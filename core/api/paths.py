"""Which addresses speak JSON whatever happens."""

from django.http import HttpRequest

ALWAYS = ("api", "functions", "webhooks")
# The seed's own join address. All else under /calls are pages, whatever is asked for:
# a player asks for anything.
AS_BEFORE = "/calls/appointments/"


def is_api(request: HttpRequest) -> bool:
    """Tell whether every answer of this address, errors of Django itself
    included, is to be JSON.
    """
    return is_api_path(request.path_info)


def is_api_path(path: str) -> bool:
    """Tell the same of a path."""
    return path.lstrip("/").partition("/")[0] in ALWAYS or path.startswith(AS_BEFORE)

"""Which addresses speak JSON whatever happens."""

from django.http import HttpRequest

ALWAYS = ("api", "functions", "webhooks")
# The seed's own join address lies here, and so may pages: a browser asks for text/html, a client does not.
UNLESS_A_PAGE_IS_WANTED = ("calls",)


def is_api(request: HttpRequest) -> bool:
    """Whether every answer of this address, errors of Django itself included, is to be JSON."""
    first = request.path_info.lstrip("/").partition("/")[0]
    if first in ALWAYS:
        return True
    return first in UNLESS_A_PAGE_IS_WANTED and "text/html" not in request.META.get("HTTP_ACCEPT", "")

"""A session that ends while its page is open: the person signs in again and is back on that page,
not on a fragment.

What htmx fetched is a part of a page, and what a form posts to is often no page at all:
after signing in, neither is an address to be led to. The page that stood before the person is.
"""

from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from core.api.paths import is_api
from core.middleware import Next

SAFE = ("GET", "HEAD", "OPTIONS")


class SignedOut:
    """Turns the way to the sign-in page into one that leads back to the page the person was on.

    Stands right behind HtmxMiddleware. A refused method gets a page of ours here too:
    Django's own is blank.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content and not is_api(request):
            response.content = render_to_string("405.html").encode()
            return response
        fetched = bool(request.htmx)  # type: ignore[attr-defined]  # set by HtmxMiddleware
        if not fetched and request.method in SAFE:
            return response
        if not _asks_to_sign_in(request, response):
            return response
        sign_in = f"{reverse('account_login')}?{urlencode({'next': _page_of(request), 'ended': 1})}"
        if fetched:
            return HttpResponseClientRedirect(sign_in)
        response["Location"] = sign_in
        return response


def _asks_to_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    """Tell whether this was refused to a stranger, who is to come back:
    not the way out, nor a step of signing in.
    """
    if response.status_code != 302 or request.user.is_authenticated:
        return False
    to = urlsplit(response["Location"])
    return to.path == reverse("account_login") and "next" in parse_qs(to.query)


def _page_of(request: HttpRequest) -> str:
    """Return the path of the page before the person; the overview where that is not
    told, or not ours.
    """
    address = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    try:
        page = urlsplit(address)
    except ValueError:  # whoever sends this is no browser
        return "/"
    if (page.scheme, page.netloc) != (
        request.scheme,
        request.get_host(),
    ) or not page.path.startswith("/"):
        return "/"
    if page.query:
        return f"{page.path}?{page.query}"
    return page.path

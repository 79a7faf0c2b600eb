"""The site's addresses, and some that fail on purpose, so that the error pages can be looked at."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from config.urls import handler400
from config.urls import urlpatterns as site_urls

__all__ = ["handler400", "urlpatterns"]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def odd(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


urlpatterns = [
    path("test/broken", broken),
    path("test/forbidden", forbidden),
    path("test/odd", odd),
    path("test/too-many", too_many),
    *site_urls,
]

"""Error pages say where and of what kind, never what."""

import sys
import uuid

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.views.debug import ExceptionReporter, get_default_exception_reporter_filter

from core.masking import BULLETS, Secret
from core.models import User

CANARY = "a-canary-in-an-error"


def report(debug, settings):
    settings.DEBUG = debug
    request = RequestFactory().post(
        "/x",
        {"note": CANARY},
        headers={"Authorization": f"Bearer {CANARY}", "Cookie": f"sessionid={CANARY}"},
    )
    try:
        fail(CANARY, uuid.UUID(int=7))
    except RuntimeError:
        reporter = ExceptionReporter(request, *sys.exc_info())
        return reporter.get_traceback_html() + reporter.get_traceback_text()


def fail(text, number):
    inside = {"password": text, "list": [text]}
    error, wrapped, person = ValueError(text), Secret(text), User(pk=number, username=text)
    raise RuntimeError(len(inside), type(error), wrapped, person.pk)


@pytest.mark.parametrize("debug", [True, False])
def test_no_text_of_a_variable_a_field_or_a_header_is_shown(settings, debug):
    shown = report(debug, settings)

    assert CANARY not in shown
    assert f"&lt;str of {len(CANARY)}&gt;" in shown
    assert "&lt;dict of 2&gt;" in shown
    assert "&lt;builtins.ValueError&gt;" in shown
    assert f"Secret({BULLETS})" in shown
    assert f"&lt;core.User {uuid.UUID(int=7)}&gt;" in shown


def test_settings_with_passwords_in_them_are_hidden():
    shown = get_default_exception_reporter_filter().get_safe_settings()

    hidden = get_default_exception_reporter_filter().cleansed_substitute
    for name in (
        "SECRET_KEY",
        "INTEGRATION_ENCRYPTION_KEY",
        "FERNET_KEYS",
        "DATABASES",
        "CACHES",
        "REDIS_URL",
        "CRON_SECRET",
    ):
        assert shown[name] == hidden, name
    assert settings.REDIS_URL not in str(shown)

"""Secrets are planted through every way in and must be found nowhere in clear:
stored, queued, logged or shown.

A new way in adds a plant here; a new table, Redis key, admin page or address without arguments
is searched by itself.
"""

import base64
import logging
import os
import secrets
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.urls import path

from config.urls import urlpatterns as site
from core import audit, settings_store, signin
from core.errors import VendorError
from core.http import BasicKey, BearerKey, HeaderKey, Limits, PathKey, QueryKey
from core.http import Client as HttpClient
from core.masking import Secret
from core.models import AlertChannel, Run, User
from core.queue import jobs
from core.redis import connection as redis_connection
from core.settings_store import Setting, declare
from tests.support import canaries as places
from tests.support.fathom_plants import the_fathom_link
from tests.support.integration_plants import integrations
from tests.support.people import client_of
from tests.support.raw_server import serving
from tests.support.webhook_plants import webhooks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
declare(Setting("canary_setting", "A secret for this test", secret=True))


class World:
    """The people and the secrets that they bring."""

    def __init__(self):
        self.planted = {}
        self.password = self.new("password")
        self.ops = User.objects.create_superuser("ops", "ops@example.com", self.password)
        self.browser = Client(raise_request_exception=False)
        self.api = Client(raise_request_exception=False)

    def new(self, name, make=lambda: secrets.token_hex(20)):
        """A fresh secret that is searched for at the end."""
        return self.planted.setdefault(name, f"{make()}")

    def seen(self, name, value):
        """A secret that the house itself made."""
        self.planted[name] = value
        return value


def one_time_code(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


# --- The ways in ----------------------------------------------------------------------------------


def sign_in_page(world):
    world.browser.post("/sign-in", {"login": "ops", "password": world.new("wrong password")})
    assert (
        world.browser.post("/sign-in", {"login": "ops", "password": world.password}).status_code
        == 302
    )


def sign_in_over_the_api(world):
    body = {
        "username": "ops",
        "password": world.new("wrong password of the API"),
        "otp": world.new("wrong code", lambda: secrets.token_hex(8)),
    }
    assert (
        world.api.post("/api/auth/token", body, content_type="application/json").status_code == 401
    )
    odd = {
        "username": "ops",
        "password": [world.new("password in a list")],
        "refresh": world.new("stray refresh"),
    }
    assert (
        world.api.post("/api/auth/token", odd, content_type="application/json").status_code == 400
    )
    answer = world.api.post(
        "/api/auth/token",
        {"username": "ops", "password": world.password},
        content_type="application/json",
    ).json()
    access, refresh = (
        world.seen("access token", answer["access"]),
        world.seen("refresh token", answer["refresh"]),
    )
    assert (
        world.api.get("/api/me", headers={"Authorization": f"Bearer {access}"}).status_code == 200
    )
    world.api.get("/api/me", headers={"Authorization": f"Bearer {world.new('wrong bearer')}"})
    answer = world.api.post(
        "/api/auth/token/refresh", {"refresh": refresh}, content_type="application/json"
    ).json()
    world.seen("second refresh token", answer["refresh"])
    world.api.post(
        "/api/auth/token/refresh",
        {"refresh": world.new("bad refresh")},
        content_type="application/json",
    )


def second_factor(world):
    page = world.browser.get("/account/security/totp/activate/")
    if page.status_code == 302:
        world.browser.post(page["Location"], {"password": world.password})
        page = world.browser.get("/account/security/totp/activate/")
    secret = world.seen("TOTP secret", page.context["form"].secret)
    answer = world.browser.post("/account/security/totp/activate/", {"code": one_time_code(secret)})
    assert answer.status_code == 302


def a_second_factor_half_made(world):
    person = User.objects.create_user("half", "half@example.com", world.password)
    browser = Client()
    browser.force_login(person)
    page = browser.get("/account/security/totp/activate/")
    if page.status_code == 302:
        browser.post(page["Location"], {"password": world.password})
        page = browser.get("/account/security/totp/activate/")
    world.seen("TOTP secret half way", page.context["form"].secret)


def password_reset(world):
    Client().post("/password/reset", {"email": "ops@example.com"})
    signin.mail_password_reset(str(world.ops.pk))
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    world.seen("reset key", link.rstrip("/").rsplit("-", 1)[1])
    Client().get(link, follow=True)


def a_setting(world):
    settings_store.put("canary_setting", world.new("setting"), actor=world.ops)
    settings_store.put("canary_setting", world.new("setting replaced"), actor=world.ops)
    assert settings_store.get("canary_setting").reveal() == world.planted["setting replaced"]


def a_task(world):
    assert jobs.send("core.nothing", "an id", "canary tasks are in the queue")
    assert not jobs.send("core.nothing", Secret(world.new("task argument")))
    assert not jobs.send("core.nothing", AlertChannel.objects.first().target)


def an_encrypted_field(world):
    channel = AlertChannel.objects.create(name="ops", kind="slack", target=world.new("channel"))
    AlertChannel.objects.bulk_create(
        [AlertChannel(name="b", kind="slack", target=world.new("channel in bulk"))]
    )
    cache.set("canary-row", AlertChannel.objects.get(pk=channel.pk))
    cache.set("canary-values", list(AlertChannel.objects.values()))


def the_admins_forms(world):
    address = "/admin/core/alertchannel/add/"
    target = f"https://hooks.slack.com/services/{world.new('channel in the admin')}"
    data = {
        "name": "from the admin",
        "kind": "slack",
        "target": target,
        "minimum_severity": "warning",
    }
    world.browser.post(address, {**data, "is_enabled": "on"})
    channel = AlertChannel.objects.get(name="from the admin")
    change = f"/admin/core/alertchannel/{channel.pk}/change/"
    target = f"https://hooks.slack.com/services/{world.new('channel changed in the admin')}"
    world.browser.post(change, {**data, "target": target, "is_enabled": "on"})
    refused = world.browser.post(change, {**data, "name": "", "target": target})
    world.pages = [("refused form", refused.content.decode())]


def calls_to_a_vendor(world, settings):
    def reflect(caller, request):
        """A vendor that says back all that it was told, as bad proxies do."""
        body = request.replace(b"\r\n", b" ")
        caller.sendall(
            b"HTTP/1.1 403 No\r\nX-Echo: %s\r\nContent-Length: %d\r\n\r\n" % (body[:500], len(body))
            + body
        )

    with serving(reflect) as server:
        settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, server.host]
        auths = {
            "header key": lambda key: HeaderKey("X-Api-Key", key),
            "bearer key": BearerKey,
            "basic key": lambda key: BasicKey("user", key),
            "query key": lambda key: QueryKey("token", key),
            "path key": PathKey,
        }
        for name, auth in auths.items():
            client = HttpClient(
                "custom",
                "canary",
                server.url,
                auth(Secret(world.new(name))),
                limits=Limits(attempts=1, read=5, total=5),
            )
            with pytest.raises(VendorError) as refusal:
                client.post(
                    "/things",
                    json={"password": world.new(f"body with a {name}")},
                    params={"q": "x"},
                )
            logging.getLogger("canary").error("failed", exc_info=refusal.value)


def the_audit_log(world):
    value = Secret(world.new("audited value"))
    with transaction.atomic():
        audit.record(
            "key.changed", actor=world.ops, old=value, new=world.planted["audited value"], key=value
        )


def metrics(world, settings):
    settings.METRICS_TOKEN = world.new("metrics token")
    Client().get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
    Client().get(
        "/metrics", headers={"Authorization": f"Bearer {world.new('wrong metrics token')}"}
    )


def the_environment(world, settings):
    world.seen("SECRET_KEY", settings.SECRET_KEY)
    world.seen("encryption key", settings.INTEGRATION_ENCRYPTION_KEY[0])
    for name in ("DATABASE_URL", "REDIS_URL"):
        password = os.environ[name].partition("@")[0].rpartition(":")[2]
        if len(password) >= 12:  # a shorter one is found by chance
            world.seen(f"password in {name}", password)


def broken(request):
    """A view with a secret in every kind of local variable, that fails."""
    text = request.POST["text"]
    packed = {"password": text, "list": [text, {"deep": text}], "bytes": text.encode()}
    wrapped = Secret(text)
    error = ValueError(text)
    raise RuntimeError(f"broken with {len(packed)} {wrapped} {type(error).__name__}")


urlpatterns = [path("broken", broken), *site]


def an_error_page(world, settings):
    data = {"text": world.new("text in an error page"), "password": world.new("posted field")}
    for debug in (True, False):
        with override_settings(DEBUG=debug, ROOT_URLCONF=__name__):
            answer = Client(raise_request_exception=False).post(
                "/broken",
                data,
                headers={"Authorization": f"Bearer {world.new('header of a broken request')}"},
            )
            assert answer.status_code == 500
            world.pages += [(f"error page with DEBUG={debug}", answer.content.decode())]


# --- The search -----------------------------------------------------------------------------------


@pytest.mark.long(25)
def test_secrets_planted_through_every_way_in_are_found_nowhere_in_clear(settings, client):
    redis_connection().flushdb()
    with places.Logs() as logs:
        world = World()
        sign_in_page(world)
        sign_in_over_the_api(world)
        a_setting(world)
        an_encrypted_field(world)
        the_admins_forms(world)
        calls_to_a_vendor(world, settings)
        webhooks(world, settings)
        the_fathom_link(world, settings)
        integrations(world, settings)
        the_audit_log(world)
        password_reset(world)
        a_second_factor_half_made(world)
        metrics(world, settings)
        the_environment(world, settings)
        an_error_page(world, settings)
        a_task(world)
        pages = list(world.pages)
        pages += places.admin_pages(world.browser)
        pages += places.fetched(world.browser, dict.fromkeys(places.plain_paths()))
        api = client_of(world.ops)
        pages += places.fetched(
            api, [path for path in places.plain_paths() if path.startswith("/api/")]
        )
        second_factor(world)
    assert len(pages) > 50
    assert len([place for place, _text in pages if "(200)" in place]) > 40
    assert len(world.planted) > 30

    found = places.look(
        world.planted, [*places.database(), *places.in_redis(), *logs.places(), *pages]
    )

    assert found == [], "\n".join(f"{name}: {place}" for name, place in found)


@pytest.mark.parametrize(
    "spell",
    [str, lambda value: base64.b64encode(f"u:{value}".encode()).decode(), lambda v: v[::-1]],
)
def test_the_search_finds_a_secret_in_each_place_where_one_is_left(spell):
    """The search itself is tested: a secret left in clear anywhere must be found there."""
    canary = secrets.token_hex(20)
    Run.objects.create(kind="canary", parameters={"deep": [spell(canary)]})
    redis_connection().hset("canary", "field", spell(canary))
    packed = base64.b64encode(f'["{spell(canary)}"]'.encode()).decode()
    redis_connection().rpush("celery-canary", f'{{"body": "{packed}"}}')
    cache.set("canary", spell(canary))
    with places.Logs() as logs:
        logging.getLogger("anything").debug("said %s", spell(canary))
        Run.objects.filter(error=spell(canary)).exists()
        logging.getLogger("celery").info({"args": spell(canary)})
    found = places.look({"it": canary}, [*places.database(), *places.in_redis(), *logs.places()])
    redis_connection().delete("canary", "celery-canary")

    where = [place for _name, place in found]
    assert "table runs" in where
    assert {"redis canary", "redis celery-canary", "redis :1:canary"} <= set(where)
    assert len([place for place in where if place.startswith("log:")]) >= 3

"""The sign-in pages: in, out, locked out, and back in by e-mail."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client

from core import expiry
from core.models import ApiSession, AuditEvent
from core.signin import GUESSES_A_MINUTE
from tests.core.signin.ways_in import sign_in, signed_in
from tests.support.people import PASSWORD, assert_error, client_of, person

pytestmark = pytest.mark.django_db


def code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def half_a_minute_later():
    """When the authenticator shows the next code: each works once."""
    return time_machine.travel(datetime.now(UTC) + timedelta(seconds=31))


def set_up_second_factor(client: Client) -> str:
    """Through the pages, as a person does; the secret."""
    page = client.get("/account/security/totp/activate/")
    if page.status_code == 302:
        client.post(page["Location"], {"password": PASSWORD})
        page = client.get("/account/security/totp/activate/")
    secret = page.context["form"].secret
    assert (
        client.post("/account/security/totp/activate/", {"code": code(secret)}).status_code == 302
    )
    return secret


@pytest.mark.parametrize("login", ["anna", "anna@example.com", "ANNA@EXAMPLE.COM"])
def test_a_person_signs_in_by_name_or_email_and_out_again(login):
    person("anna")
    client = Client()
    answer = sign_in(client, login)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client)
    assert client.post("/sign-out").status_code == 302
    assert not signed_in(client)


def test_a_wrong_password_and_an_unknown_name_show_the_same_page():
    person("anna")
    wrong, unknown = sign_in(Client(), "anna", "nope"), sign_in(Client(), "nobody", "nope")
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert wrong.context["form"].errors


def test_nobody_signs_up():
    client = Client()
    for path in (
        "/accounts/signup/",
        "/signup",
        "/sign-up",
        "/accounts/login/",
        "/accounts/email/",
    ):
        assert client.get(path).status_code == 404


def test_the_session_key_changes_at_sign_in():
    person("anna")
    client = Client()
    client.get("/sign-in")
    session = client.session
    session["before"] = "kept"
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    sign_in(client)
    assert client.session.session_key != before
    client.cookies["sessionid"] = before
    assert not signed_in(client)


def test_what_a_session_holds_is_sealed_and_bound_to_its_key():
    user = person("anna")
    client = Client()
    client.force_login(user)
    session = client.session
    session["note"] = "session-canary"
    session.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        (stored,) = cursor.fetchone()
    from django.core import signing

    assert b"canary" not in signing.b64_decode(stored.encode())
    assert client.session["note"] == "session-canary"
    assert type(session)("another-session-key").decode(stored) == {}
    assert type(session)(session.session_key).decode("rubbish!") == {}


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_way_back_leads_nowhere_else(target):
    person("anna")
    answer = Client().post("/sign-in", {"login": "anna", "password": PASSWORD, "next": target})
    assert answer["Location"] == "/"


def test_after_five_wrong_passwords_the_door_is_closed_for_a_quarter_of_an_hour_and_opens_again():
    person("anna")
    client = Client()
    statuses = [sign_in(client, password=f"wrong-{index}").status_code for index in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    locked = sign_in(client)
    assert locked.status_code == 429
    assert 880 <= int(locked["Retry-After"]) <= 900
    assert locked["Content-Type"].startswith("text/html")
    assert not signed_in(client)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        assert sign_in(client).status_code == 302


def test_more_guesses_than_a_minute_allows_do_not_make_a_lock_out_look_shorter():
    person("anna")
    api = client_of()
    answers = [
        api.post("/api/auth/token", {"username": "anna", "password": "wrong"})
        for _ in range(GUESSES_A_MINUTE + 3)
    ]
    assert all(880 <= int(answer["Retry-After"]) <= 900 for answer in answers[5:])
    assert 880 <= int(sign_in(Client())["Retry-After"]) <= 900


def test_signing_in_often_is_no_attack_and_wrong_guesses_still_count():
    person("anna")
    api = client_of()
    for _ in range(GUESSES_A_MINUTE + 2):
        assert (
            api.post("/api/auth/token", {"username": "anna", "password": PASSWORD}).status_code
            == 200
        )
        assert sign_in(Client()).status_code == 302
    statuses = [sign_in(Client(), password="wrong").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]


def test_the_lock_counts_name_and_email_pages_and_api_together():
    person("anna")
    api = client_of()
    sign_in(Client(), "anna", "1")
    sign_in(Client(), "anna@example.com", "2")
    for login in ("ANNA", "anna@example.com"):
        api.post("/api/auth/token", {"username": login, "password": "3"})
    assert_error(
        api.post("/api/auth/token", {"username": "anna", "password": "5"}), 429, "locked_out"
    )
    answer = api.post("/api/auth/token", {"username": "anna", "password": PASSWORD})
    assert_error(answer, 429, "locked_out")
    assert 880 <= int(answer["Retry-After"]) <= 900
    assert sign_in(Client()).status_code == 429
    assert not ApiSession.objects.exists()


def test_the_lock_is_on_one_name_from_one_address():
    person("anna")
    person("bram")
    for index in range(5):
        sign_in(Client(), "anna", str(index))
    assert sign_in(Client(), "bram").status_code == 302
    assert sign_in(Client(), "anna", REMOTE_ADDR="10.9.8.7").status_code == 302


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(settings):
    settings.TRUSTED_PROXIES = 1
    person("anna")
    for index in range(5):
        sign_in(Client(), "anna", str(index), HTTP_X_FORWARDED_FOR=f"1.1.1.{index}, 9.9.9.9")
    assert sign_in(Client(), HTTP_X_FORWARDED_FOR="2.2.2.2, 9.9.9.9").status_code == 429
    assert sign_in(Client(), HTTP_X_FORWARDED_FOR="9.9.9.9, 8.8.8.8").status_code == 302


def test_an_unknown_name_is_locked_like_a_known_one():
    statuses = [sign_in(Client(), "nobody", str(index)).status_code for index in range(6)]
    assert statuses == [200, 200, 200, 200, 429, 429]


def test_signing_in_forgets_earlier_mistakes():
    person("anna")
    for _ in range(2):
        for index in range(3):
            sign_in(Client(), password=str(index))
        assert sign_in(Client()).status_code == 302


def test_demo_accounts_and_deactivated_people_are_unknown(settings):
    person("ops", is_demo=True)
    person("gone", is_active=False)
    for login in ("ops", "gone"):
        client = Client()
        answer = sign_in(client, login)
        assert answer.status_code == 200
        assert answer.context["form"].errors
        assert not signed_in(client)
    settings.DEMO = True
    client = Client()
    assert sign_in(client, "ops").status_code == 302
    settings.DEMO = False
    assert not signed_in(client), "a demo session ends with the demo"


def test_the_second_factor_is_set_up_sealed_and_asked_for():
    user = person("anna")
    client = Client()
    sign_in(client)
    secret = set_up_second_factor(client)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    again = Client()
    answer = sign_in(again)
    assert answer["Location"].startswith("/account/security/authenticate")
    assert not signed_in(again)
    assert again.post("/account/security/authenticate/", {"code": "000000"}).status_code == 200
    assert not signed_in(again)
    with half_a_minute_later():
        assert (
            again.post("/account/security/authenticate/", {"code": code(secret)}).status_code == 302
        )
    assert signed_in(again)
    actions = set(
        AuditEvent.objects.filter(target_id=str(user.pk)).values_list("action", flat=True)
    )
    assert actions == {"session.signed_in", "session.refused", "second_factor.added"}


def test_a_recovery_code_works_once():
    person("anna")
    client = Client()
    sign_in(client)
    set_up_second_factor(client)
    codes = client.get("/account/security/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    for expected in (True, False):
        again = Client()
        sign_in(again)
        again.post("/account/security/authenticate/", {"code": codes[0]})
        assert signed_in(again) is expected


def test_a_second_factor_copied_to_another_person_does_not_open():
    anna, bram = person("anna"), person("bram")
    client = Client()
    sign_in(client)
    secret = set_up_second_factor(client)
    Authenticator.objects.filter(user=anna, type="totp").update(user=bram)
    again = Client(raise_request_exception=False)
    sign_in(again, "bram")
    with half_a_minute_later():
        assert (
            again.post("/account/security/authenticate/", {"code": code(secret)}).status_code == 500
        )
    assert not signed_in(again)


def test_wrong_codes_lock_as_wrong_passwords_do():
    person("anna")
    client = Client()
    sign_in(client)
    secret = set_up_second_factor(client)
    again = Client()
    sign_in(again)
    statuses = [
        again.post("/account/security/authenticate/", {"code": "000000"}).status_code
        for _ in range(6)
    ]
    assert statuses == [200, 200, 200, 200, 429, 429]
    with half_a_minute_later():
        assert (
            again.post("/account/security/authenticate/", {"code": code(secret)}).status_code == 429
        )
    assert not signed_in(again)
    assert_error(
        client_of().post("/api/auth/token", {"username": "anna", "password": PASSWORD}),
        429,
        "locked_out",
    )


def test_staff_set_up_their_second_factor_before_anything_else(settings):
    settings.REQUIRE_2FA = True
    person("ops", is_staff=True, is_superuser=True)
    client = Client()
    sign_in(client, "ops")
    for path in ("/", "/admin/", "/admin/core/user/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/account/security/totp/activate/")
    # What stands on that page works there.
    for what, value in (("theme", "dark"), ("language", "nl")):
        wish = {what: value, "next": "/account/security/totp/activate/"}
        assert client.post(f"/preferences/{what}", wish).cookies[
            {"theme": "koppel_theme"}.get(what, "django_language")
        ]
    assert_error(client.get("/api/me"), 403, "second_factor_required")
    set_up_second_factor(client)
    assert signed_in(client)
    assert client.get("/admin/").status_code == 200


def test_the_admin_has_no_sign_in_of_its_own():
    client = Client()
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/sign-in")
    assert client.post("/admin/login/", {"username": "ops", "password": PASSWORD})[
        "Location"
    ].startswith("/sign-in")
    person("anna")
    sign_in(client)
    assert client.get("/admin/", follow=True).status_code == 403


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is hashed, which is what takes the time of a refusal."""

    algorithm = "counting"
    count = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.count += 1
        return super().encode(password, salt)


def test_known_and_unknown_names_take_the_same_work(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    person("anna")
    hashed = []
    for name in ("anna", "nobody"):
        before = CountingHasher.count
        assert sign_in(Client(), name, "nope").status_code == 200
        assert_error(
            client_of().post("/api/auth/token", {"username": name, "password": "nope"}), 401
        )
        hashed.append(CountingHasher.count - before)
    assert hashed == [2, 2]


def test_a_password_typed_as_a_name_is_stored_nowhere():
    sign_in(Client(), "Typed-Password-Canary", "nope")
    client_of().post("/api/auth/token", {"username": "Typed-Password-Canary", "password": "nope"})
    with connection.cursor() as cursor:
        for table in ("axes_accessattempt", "audit_logs", "django_session"):
            cursor.execute(f"SELECT * FROM {table}")
            assert "canary" not in str(cursor.fetchall()).lower(), table


def test_old_failures_are_forgotten_and_fresh_ones_still_lock():
    person("anna")
    for index in range(5):
        sign_in(Client(), password=str(index))
    AccessAttempt.objects.create(
        username="old", attempt_time=datetime.now(UTC) - timedelta(days=8), failures_since_start=5
    )
    AccessAttempt.objects.filter(username="old").update(
        attempt_time=datetime.now(UTC) - timedelta(days=8)
    )
    assert expiry.forget(datetime.now(UTC))["sign_in_failures"] == 1
    assert sign_in(Client()).status_code == 429

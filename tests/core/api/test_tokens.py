"""POST /api/auth/token, /refresh and /logout: what a token opens, and when it stops."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.db import connection
from rest_framework.test import APIClient

from core.models import ApiSession, AuditEvent, User
from core.secrets.crypto import derive
from core.signin import second_factor, tokens
from tests.support.people import PASSWORD, assert_error, person

pytestmark = pytest.mark.django_db


def sign_in(username: str, password: str = PASSWORD, **more: str):
    return APIClient(raise_request_exception=False).post(
        "/api/auth/token", {"username": username, "password": password, **more}
    )


def me(access: str):
    return APIClient(raise_request_exception=False).get(
        "/api/me", HTTP_AUTHORIZATION=f"Bearer {access}"
    )


def renew(refresh: str):
    return APIClient(raise_request_exception=False).post(
        "/api/auth/token/refresh", {"refresh": refresh}
    )


def turn_on_second_factor(user: User) -> str:
    secret = generate_totp_secret()
    with second_factor.checking(user):
        TOTP.activate(user, secret)
    return secret


def code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(datetime.now(UTC).timestamp()) // 30))


def test_a_username_and_password_give_a_pair_that_opens_me_for_an_hour():
    user = person("anna")
    answer = sign_in("anna")
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh", "expiresIn"}
    assert answer.json()["expiresIn"] == 3600
    assert me(answer.json()["access"]).json()["id"] == str(user.pk)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61), tick=False):
        assert_error(me(answer.json()["access"]), 401, "not_signed_in")


def test_an_email_address_signs_in_too():
    person("anna")
    assert sign_in("ANNA@example.com").status_code == 200


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer():
    person("anna")
    wrong, unknown = sign_in("anna", "nope"), sign_in("nobody", "nope")
    bodies = [assert_error(answer, 401, "invalid_credentials") for answer in (wrong, unknown)]
    assert bodies[0]["message"] == bodies[1]["message"]
    assert wrong["WWW-Authenticate"] == unknown["WWW-Authenticate"] == 'Bearer realm="koppel"'
    assert not ApiSession.objects.exists()


def test_someone_deactivated_is_told_what_an_unknown_name_is_told():
    person("anna", is_active=False)
    assert_error(sign_in("anna"), 401, "invalid_credentials")


def test_a_demo_account_does_not_sign_in_outside_the_demo(settings):
    person("ops", is_demo=True)
    assert_error(sign_in("ops"), 401, "invalid_credentials")
    settings.DEMO = True
    access = sign_in("ops").json()["access"]
    assert me(access).status_code == 200
    settings.DEMO, settings.DEBUG = False, True
    assert_error(me(access), 401)
    assert_error(sign_in("ops"), 401, "invalid_credentials")


def test_signing_out_ends_both_tokens_at_once():
    person("anna")
    pair = sign_in("anna").json()
    assert APIClient().post("/api/auth/logout", {"refresh": pair["refresh"]}).json() == {
        "success": True
    }
    assert_error(me(pair["access"]), 401, "not_signed_in")
    assert_error(renew(pair["refresh"]), 401, "invalid_refresh")


def test_signing_out_works_with_the_bearer_token_alone_and_needs_one_of_the_two():
    person("anna")
    pair = sign_in("anna").json()
    client = APIClient()
    assert_error(client.post("/api/auth/logout", {}), 401, "not_signed_in")
    answer = client.post("/api/auth/logout", {}, HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert answer.status_code == 200
    assert_error(me(pair["access"]), 401)


@pytest.mark.parametrize("change", ["password", "active", "revoked", "deleted"])
def test_a_token_dies_with_what_it_rests_on(change):
    user = person("anna")
    pair = sign_in("anna").json()
    if change == "password":
        user.set_password("another-long-password")
        user.save()
    elif change == "active":
        User.objects.update(is_active=False)
    elif change == "revoked":
        ApiSession.objects.update(revoked_at=datetime.now(UTC))
    else:
        user.delete()
    assert_error(me(pair["access"]), 401)
    assert_error(renew(pair["refresh"]), 401)


def test_refreshing_gives_a_new_pair_and_the_old_refresh_token_is_spent():
    person("anna")
    first = sign_in("anna").json()
    second = renew(first["refresh"]).json()
    assert me(second["access"]).status_code == 200
    assert_error(renew(first["refresh"]), 401, "invalid_refresh")
    assert me(second["access"]).status_code == 200, "a lost answer within ten seconds ends nothing"
    assert renew(second["refresh"]).status_code == 200


def test_an_old_refresh_token_that_comes_back_later_ends_the_session():
    person("anna")
    first = sign_in("anna").json()
    second = renew(first["refresh"]).json()
    ApiSession.objects.update(rotated_at=datetime.now(UTC) - timedelta(seconds=11))
    assert_error(renew(first["refresh"]), 401, "invalid_refresh")
    assert_error(me(second["access"]), 401)
    assert_error(renew(second["refresh"]), 401)
    ended = AuditEvent.objects.get(action="session.signed_out")
    assert ended.facts["reason"] == "an old refresh token came back"


def test_a_token_two_rotations_old_ends_the_session_even_within_ten_seconds():
    person("anna")
    first = sign_in("anna").json()
    third = renew(renew(first["refresh"]).json()["refresh"]).json()
    assert_error(renew(first["refresh"]), 401)
    assert_error(me(third["access"]), 401)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_refreshes_at_once_one_wins_and_the_session_lives():
    person("anna")
    first = sign_in("anna").json()

    def try_it(_: int) -> tuple[int, str]:
        answer = renew(first["refresh"])
        connection.close()
        return answer.status_code, answer.json().get("refresh", "")

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(try_it, range(20)))
    assert sorted(status for status, _ in results) == [200] + [401] * 19
    winner = next(token for status, token in results if status == 200)
    assert renew(winner).status_code == 200


def forged(**changes) -> str:
    claims = {
        "sub": "x",
        "sid": "y",
        "jti": "z",
        "ver": "v",
        "exp": datetime.now(UTC) + timedelta(hours=1),
        **changes,
    }
    return jwt.encode(claims, derive(settings.SECRET_KEY, b"koppel/access-token"), "HS256")


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_no_token_but_ours_opens_anything():
    person("anna")
    pair = sign_in("anna").json()
    header, payload, signature = pair["access"].split(".")
    altered = ("B" if signature[0] == "A" else "A") + signature[1:]
    none = jwt.encode(jwt.decode(pair["access"], options={"verify_signature": False}), None, "none")
    for token in (
        "",
        "x",
        "a.b.c",
        "Bearer",
        "\xff\xfe",
        "🗝",
        "." * 5000,
        f"{header}.{payload}.",
        f"{header}.{payload}.{altered}",
        none,
        pair["refresh"],
        jwt.encode({"sub": "x"}, "k" * 32, "HS512"),
        forged(),
        forged(sid=7),
        forged(sid=None),
        forged(sub=5, sid="0193d7a0-0000-7000-8000-000000000001"),
        forged(sid={"a": 1}),
        forged(exp="soon"),
    ):
        assert_error(me(token), 401, "not_signed_in")
    assert_error(renew(pair["access"]), 401, "invalid_refresh")
    assert me(pair["access"]).status_code == 200


def test_a_token_signed_before_the_key_was_changed_works_while_the_old_key_is_a_fallback(settings):
    person("anna")
    access = sign_in("anna").json()["access"]
    old, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 60
    assert_error(me(access), 401)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert me(access).status_code == 200


def test_with_a_second_factor_the_code_is_asked_for_and_each_works_once():
    user = person("anna")
    secret = turn_on_second_factor(user)
    body = assert_error(sign_in("anna"), 401, "otp_required")
    assert "otp" in body["message"]
    assert_error(sign_in("anna", otp="000000"), 401, "invalid_otp")
    assert_error(sign_in("anna", "nope", otp=code(secret)), 401, "invalid_credentials")
    current = code(secret)
    assert sign_in("anna", otp=current).status_code == 200
    assert_error(sign_in("anna", otp=current), 401, "invalid_otp")


def test_staff_need_a_second_factor_where_it_is_required(settings):
    staff = person("ops", is_staff=True)
    access = sign_in("ops").json()["access"]
    settings.REQUIRE_2FA = True
    assert_error(sign_in("ops"), 403, "second_factor_required")
    assert_error(me(access), 403, "second_factor_required")
    turn_on_second_factor(staff)
    assert me(access).status_code == 200
    assert_error(sign_in("ops"), 401, "otp_required")


def test_the_log_says_who_came_in_who_was_refused_and_who_left():
    user = person("anna")
    sign_in("anna", "nope")
    sign_in("a-password-typed-as-name", "nope")
    pair = sign_in("anna").json()
    APIClient().post("/api/auth/logout", {"refresh": pair["refresh"]})
    events = list(
        AuditEvent.objects.order_by("sequence").values_list("action", "target_id", "facts__way")
    )
    assert events == [
        ("session.refused", str(user.pk), "api"),
        ("session.refused", "", "api"),
        ("session.signed_in", str(user.pk), "api"),
        ("session.signed_out", str(user.pk), "api"),
    ]
    assert "a-password-typed-as-name" not in str(list(AuditEvent.objects.values()))


def test_nothing_of_a_token_is_stored():
    person("anna")
    pair = sign_in("anna").json()
    stored = str(list(ApiSession.objects.values()))
    assert pair["refresh"] not in stored
    assert jwt.decode(pair["refresh"], options={"verify_signature": False})["jti"] not in stored


def test_checking_a_token_is_one_query(django_assert_num_queries):
    person("anna")
    access = sign_in("anna").json()["access"]
    with django_assert_num_queries(1):
        session = tokens.session_of(access)
    assert session is not None
    with django_assert_num_queries(0):
        assert session.user.username == "anna"

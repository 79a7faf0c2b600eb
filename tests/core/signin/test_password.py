"""A password forgotten, reset by mail, and changed."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from core import signin
from core.models import ApiSession, AuditEvent, User
from tests.core.signin.ways_in import sign_in, signed_in
from tests.support.people import PASSWORD, client_of, person

pytestmark = pytest.mark.django_db


def reset_link(django_capture_on_commit_callbacks, email: str) -> str:
    with django_capture_on_commit_callbacks() as callbacks:
        answer = Client().post("/password/reset", {"email": email})
    assert (answer.status_code, answer["Location"]) == (302, "/password/reset/sent")
    users = User.objects.filter(email__iexact=email)
    assert len(callbacks) == len(users)
    for user in users:
        signin.mail_password_reset(str(user.pk))
    return (
        re.search(r"https?://\S+(/password/reset/key/\S+)", mail.outbox[-1].body).group(1)
        if users
        else ""
    )


def test_a_forgotten_password_is_reset_by_a_link_that_works_once(
    django_capture_on_commit_callbacks,
):
    user = person("anna", language="nl")
    bystander, api = Client(), client_of(user)
    bystander.force_login(user)
    link = reset_link(django_capture_on_commit_callbacks, "Anna@Example.com")
    assert mail.outbox[0].to == ["anna@example.com"]
    client = Client()
    form = client.get(link)["Location"]
    fresh = {"password1": "a-quite-new-password", "password2": "a-quite-new-password"}
    assert client.post(form, fresh).status_code == 302
    user.refresh_from_db()
    assert user.check_password("a-quite-new-password")
    assert not signed_in(bystander), "other sessions end"
    assert api.get("/api/me").status_code == 401, "API sessions end"
    assert not ApiSession.objects.filter(revoked_at=None).exists()
    assert AuditEvent.objects.filter(action="password.reset", target_id=str(user.pk)).count() == 1
    other = Client()
    again = other.get(link)
    if again.status_code == 302:
        again = other.get(again["Location"])
    assert again.context["token_fail"] is True


def test_an_unknown_address_gets_the_same_answer_and_no_mail(django_capture_on_commit_callbacks):
    assert reset_link(django_capture_on_commit_callbacks, "nobody@example.com") == ""
    assert mail.outbox == []


def test_changing_the_password_ends_all_other_sessions_and_keeps_this_one():
    user = person("anna")
    client, other, api = Client(), Client(), client_of(user)
    sign_in(client)
    sign_in(other)
    answer = client.post(
        "/account/password",
        {
            "oldpassword": PASSWORD,
            "password1": "a-quite-new-password",
            "password2": "a-quite-new-password",
        },
    )
    assert answer.status_code == 302
    assert signed_in(client)
    assert not signed_in(other)
    assert api.get("/api/me").status_code == 401
    assert AuditEvent.objects.filter(action="password.changed").count() == 1


def test_a_weak_new_password_is_refused():
    person("anna")
    client = Client()
    sign_in(client)
    answer = client.post(
        "/account/password",
        {"oldpassword": PASSWORD, "password1": "12345678", "password2": "12345678"},
    )
    assert answer.status_code == 200
    assert User.objects.get().check_password(PASSWORD)


def test_a_mail_that_its_broker_or_mail_server_lost_is_written_by_the_sweep_and_only_once(settings):
    user = person("anna")
    Client().post("/password/reset", {"email": "anna@example.com"})
    user.refresh_from_db()
    asked = user.reset_mail_due
    assert asked is not None
    assert signin.unsent_password_resets(asked + timedelta(seconds=30)) == []
    assert signin.unsent_password_resets(asked + timedelta(seconds=90)) == [user.pk]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(OSError, match="refused"):
        signin.mail_password_reset(str(user.pk))
    assert signin.unsent_password_resets(asked + timedelta(seconds=90)) == [user.pk]
    assert signin.unsent_password_resets(asked + timedelta(minutes=61)) == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    signin.mail_password_reset(str(user.pk))
    signin.mail_password_reset(str(user.pk))
    assert [message.to for message in mail.outbox] == [["anna@example.com"]]
    assert signin.unsent_password_resets(asked + timedelta(seconds=90)) == []

"""An invitation: one mail in the organization's language, one link, one person, once;
also when all come at once.
"""

import re
import smtplib
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from core.models import AuditEvent, Incident, User
from crm import access, services
from crm.models import Invitation, Member
from crm.services import invitations
from crm.tasks import send_invitation_proof, sweep_invitations
from tests.crm.invited import NEW, invited, link_to, token_to
from tests.support.people import assert_error, client_of, member, organization, person

pytestmark = pytest.mark.django_db


def test_the_mail_speaks_the_organizations_language_and_holds_a_link_that_is_stored_nowhere(
    mailoutbox,
):
    of = organization()
    services.change_settings(organization=of, language="nl")
    link = link_to(invited(of, actor=member("CEO", of, "ceo")), mailoutbox)
    mail = mailoutbox[0]
    assert mail.to == ["ada@example.com"]
    assert "Northwind Sales" in mail.subject
    assert "Northwind Sales" in mail.body
    assert "ceo" in mail.body
    secret = link.rpartition("/")[2].partition(":")[0]
    row = Invitation.objects.values().get()
    assert secret not in str(row)
    assert len(row["token_hash"]) == 64


def test_it_is_sent_after_the_commit_once_and_by_the_sweep_when_its_job_was_lost(mailoutbox):
    invitation = invited()
    assert mailoutbox == []
    assert services.send_invitation(invitation.pk)
    assert not services.send_invitation(invitation.pk)
    lost = invited(email="lost@example.com")
    assert invitations.unsent(timezone.now()) == []
    assert invitations.unsent(timezone.now() + timedelta(minutes=3)) == [lost.pk]
    services.revoke_invitation(invitation=lost)
    assert invitations.unsent(timezone.now() + timedelta(minutes=3)) == []
    sweep_invitations()
    assert len(mailoutbox) == 1


def test_a_mail_server_that_is_down_opens_an_incident_and_loses_nothing(settings, mailoutbox):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    invitation = invited()
    assert not services.send_invitation(invitation.pk)
    invitation.refresh_from_db()
    assert (invitation.sent_at, invitation.token_hash, invitation.attempts) == (None, "", 1)
    assert Incident.objects.get(closed_at=None).cause == "crm.invitation_mail"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert services.send_invitation(invitation.pk)
    assert not Incident.objects.filter(closed_at=None).exists()
    assert issubclass(smtplib.SMTPException, OSError), "every refusal of a mail server is caught"


def test_a_new_person_makes_an_account_and_is_in(client, mailoutbox):
    link = link_to(invited(role="SETTER"), mailoutbox)
    assert "Northwind Sales" in client.get(link).content.decode()
    assert Member.objects.count() == 0, "opening the link changes nothing"
    answer = client.post(link, NEW)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    joined = Member.objects.get()
    assert (joined.role, joined.user.username, joined.user.email, joined.user.first_name) == (
        "SETTER",
        "ada@example.com",
        "ada@example.com",
        "Ada",
    )
    assert joined.user.check_password(NEW["password"])
    assert client.get("/").status_code == 200
    assert Invitation.objects.get().accepted_by == joined.user
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"invitation.made", "user.added", "role.changed", "invitation.accepted"} <= actions
    assert Client().post(link, NEW).status_code == 404
    assert User.objects.count() == 1


def test_a_person_with_an_account_signs_in_and_joins(client, mailoutbox):
    ada = person("ada")
    link = link_to(invited(email="ADA@example.com"), mailoutbox)
    page = client.get(link).content.decode()
    assert "password" not in page
    assert f"?next={link}" in page
    assert client.post(link, NEW).status_code == 200
    assert User.objects.count() == 1
    client.force_login(ada, backend="core.signin.Backend")
    assert client.post(link).status_code == 302
    assert Member.objects.get().user == ada


def test_somebody_with_another_address_is_refused_and_nothing_is_used_up(client, mailoutbox):
    mallory = person("mallory")
    link = link_to(invited(role="CEO"), mailoutbox)
    client.force_login(mallory, backend="core.signin.Backend")
    assert "have a mail sent there" in client.get(link).content.decode()
    assert client.post(link).status_code == 200
    with pytest.raises(ValidationError, match="you are signed in with another"):
        services.accept_invitation(token=link.rpartition("/")[2], user=mallory)
    assert Member.objects.count() == 0
    assert Invitation.objects.get().accepted_at is None


def test_a_mail_to_the_invited_address_lets_the_one_in_who_asked_for_it_and_nobody_else(
    client, mailoutbox, django_capture_on_commit_callbacks
):
    ada, mallory = person("ada-elsewhere"), person("mallory")
    link = link_to(invited(), mailoutbox)
    client.force_login(ada, backend="core.signin.Backend")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(link, {"what": "prove"}).status_code == 302
    send_invitation_proof(str(Invitation.objects.get().pk), str(ada.pk))
    mail = mailoutbox[-1]
    assert mail.to == ["ada@example.com"]
    assert "ada-elsewhere" in mail.body
    proof = re.search(r"http://127.0.0.1:8000(/invitations/key/\S+)", mail.body)[1]
    thief = Client()
    thief.force_login(mallory, backend="core.signin.Backend")
    assert thief.post(proof).status_code == 200
    assert Member.objects.count() == 0
    assert client.post(proof).status_code == 302
    assert Member.objects.get().user == ada
    assert client.post(proof).status_code == 404


def test_a_few_mails_an_hour_are_written_to_one_address(client, mailoutbox):
    link = link_to(invited(), mailoutbox)
    for name in ("a", "b", "c", "d"):
        client.force_login(person(name), backend="core.signin.Backend")
        answer = client.post(link, {"what": "prove"}, follow=True)
    assert "Several mails were sent already" in answer.content.decode()


def test_the_one_who_invites_may_let_in_whoever_has_the_link(mailoutbox):
    of = organization()
    boss = client_of(member("CEO", of, "boss"))
    answer = boss.post(
        "/api/organization/members",
        {"email": "a@example.com", "role": "CLOSER", "forAnyAddress": True},
    )
    assert answer.json()["forAnyAddress"] is True
    narrow = boss.post(
        "/api/organization/members", {"email": "b@example.com", "role": "CLOSER"}
    ).json()
    assert narrow["forAnyAddress"] is False
    token = token_to(Invitation.objects.get(for_any_address=True), mailoutbox)
    assert services.accept_invitation(token=token, user=person("anybody")).role == "CLOSER"


def test_somebody_who_belongs_already_keeps_their_role(mailoutbox):
    of = organization()
    ceo = member("CEO", of, "boss")
    token = token_to(
        invited(of, email="else@example.com", role="CLOSER", for_any_address=True), mailoutbox
    )
    assert services.accept_invitation(token=token, user=ceo).role == "CEO"
    assert Member.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "12345678901", "password123", ""])
def test_a_weak_password_is_refused_on_the_form(password, client, mailoutbox):
    link = link_to(invited(), mailoutbox)
    answer = client.post(link, NEW | {"password": password})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert User.objects.count() == 0
    assert Invitation.objects.get().accepted_at is None


def test_a_link_that_was_withdrawn_replaced_too_old_or_never_ours_opens_nothing(client, mailoutbox):
    of = organization()
    first = invited(of)
    old = link_to(first, mailoutbox)
    new = link_to(invited(of, email="Ada@EXAMPLE.com"), mailoutbox)
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    Invitation.objects.update(expires_at=timezone.now())
    assert client.get(new).status_code == 404
    for wrong in (
        new[:-1] + ("a" if new[-1] != "a" else "b"),
        "/invitations/key/x",
        "/invitations/key/x:y",
    ):
        for answer in (client.get(wrong), client.post(wrong, NEW)):
            assert answer.status_code == 404
            assert "Northwind" not in answer.content.decode()
    assert (User.objects.count(), Member.objects.count()) == (0, 0)


def test_the_link_is_in_no_log(client, mailoutbox, caplog):
    link = link_to(invited(), mailoutbox)
    client.get(link)
    assert link.rpartition("/")[2] not in caplog.text


def test_the_role_that_sees_everything_is_given_and_taken_by_the_house_alone():
    of = organization()
    ceo, admin = member("CEO", of, "ceo"), member("ADMIN", of, "admin")
    theirs = Member.objects.get(user=admin)
    acts = (
        lambda: services.invite(organization=of, email="a@example.com", role="ADMIN", actor=ceo),
        lambda: services.change_role(member=Member.objects.get(user=ceo), role="ADMIN", actor=ceo),
        lambda: services.change_role(member=theirs, role="CLOSER", actor=ceo),
        lambda: services.remove_member(member=theirs, actor=ceo),
    )
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    body = {"email": "a@example.com", "role": "ADMIN"}
    assert_error(client_of(ceo).post("/api/organization/members", body), 403, "not_permitted")
    assert Invitation.objects.count() == 0
    assert client_of(admin).post("/api/organization/members", body).status_code == 201


@pytest.mark.parametrize(
    "email",
    [
        "ada\uff20example.com",
        "ada\ufe6bexample.com",
        "ada@x\uff20example.com",
        "Ada <ada@example.com>",
    ],
)
def test_an_address_that_no_mail_reaches_is_refused(email, mailoutbox):
    of = organization()
    answer = client_of(member("CEO", of)).post(
        "/api/organization/members", {"email": email, "role": "CLOSER"}
    )
    assert_error(answer, 400)
    assert answer.json()["fields"] == {
        "email": ["This is not an e-mail address. Enter it as name@company.example."]
    }
    assert not Invitation.objects.exists()


def test_members_are_invited_once_and_belong_once():
    of = organization()
    member("CLOSER", of, "ada")
    with pytest.raises(ValidationError, match="belongs"):
        invited(of, email="ADA@example.com")


def test_whoever_decides_no_more_invites_nobody():
    """A request looks who asks before it waits for the organization;
    what counts is who they are then.
    """
    northwind = organization()
    chief, former = member("CEO", northwind), member("CEO", northwind)
    before = invited(northwind, actor=chief)
    access.remember_memberships(former)
    services.change_role(member=Member.objects.get(user=former), role="CLOSER", actor=chief)
    with pytest.raises(PermissionDenied):
        invited(northwind, "eve@example.com", actor=former)
    with pytest.raises(PermissionDenied):
        services.send_again(invitation=before, actor=former)
    assert list(services.open_invitations()) == [before]

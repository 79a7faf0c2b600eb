"""Users and roles in the admin: who may make whom what, and that it is on record."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from core.models import ApiSession, AuditEvent, User
from core.signin import roles
from tests.support.people import PASSWORD, person, staff

pytestmark = pytest.mark.django_db
USERS = "/admin/core/user/"


@pytest.fixture
def operator(client):
    user = staff(roles.OPERATIONS_ADMIN, "operator")
    client.force_login(user, backend="core.signin.Backend")
    client.user = user
    return client


def form_of(user, **changes):
    values = {
        "username": user.username, "email": user.email, "is_active": "on", "language": "en",
        "theme": "system", "time_zone": "Europe/Amsterdam", "groups": [],
    }  # fmt: skip
    values |= changes
    return {name: value for name, value in values.items() if value is not None}


def act(client, name, *users):
    return client.post(
        USERS, {"action": name, "_selected_action": [str(user.pk) for user in users]}
    )


def actions():
    return list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))


def test_a_user_is_added_with_a_password_and_it_is_on_record(operator):
    response = operator.post(
        f"{USERS}add/",
        {
            "username": "newcomer",
            "email": "n@example.com",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    assert response.status_code == 302, response.context["errors"]
    user = User.objects.get(username="newcomer")
    assert user.check_password(PASSWORD)
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert AuditEvent.objects.get(action="user.added").target_id == str(user.pk)
    assert PASSWORD not in " ".join(LogEntry.objects.values_list("change_message", flat=True))


def test_roles_are_given_and_taken_and_the_audit_log_has_before_and_after(operator):
    user = person("colleague")
    auditor = Group.objects.get(name=roles.AUDITOR)
    operator.post(f"{USERS}{user.pk}/change/", form_of(user, is_staff="on", groups=[auditor.pk]))
    user.refresh_from_db()
    assert (user.is_staff, [group.name for group in user.groups.all()]) == (True, [roles.AUDITOR])
    facts = AuditEvent.objects.get(action="role.changed").facts
    assert facts["before"] == {"flags": ["is_active"], "groups": [], "permissions": []}
    assert facts["after"] == {
        "flags": ["is_active", "is_staff"],
        "groups": [roles.AUDITOR],
        "permissions": [],
    }
    operator.post(f"{USERS}{user.pk}/change/", form_of(user, is_staff="on"))
    assert user.groups.count() == 0
    assert AuditEvent.objects.filter(action="role.changed").count() == 2


def test_a_change_that_touches_no_right_is_no_change_of_role(operator):
    user = person("colleague")
    operator.post(f"{USERS}{user.pk}/change/", form_of(user, first_name="Ada"))
    assert AuditEvent.objects.filter(action="user.changed").count() == 1
    assert not AuditEvent.objects.filter(action="role.changed").exists()


def test_an_operations_admin_cannot_make_a_superuser_nor_give_single_permissions_nor_other_groups(
    operator,
):
    own = Group.objects.create(name="Everything")
    permission = Permission.objects.get(codename="reveal_secret")
    for user in (person("colleague"), operator.user):
        operator.post(
            f"{USERS}{user.pk}/change/",
            form_of(
                user,
                is_staff="on",
                is_superuser="on",
                user_permissions=[permission.pk],
                groups=[own.pk],
            ),
        )
        user.refresh_from_db()
        assert not user.is_superuser
        assert not user.user_permissions.exists()
        assert own not in user.groups.all()


def test_an_operations_admin_leaves_superusers_alone(operator):
    chief = person("chief", is_staff=True, is_superuser=True)
    before = User.objects.filter(pk=chief.pk).values().get()
    Authenticator.objects.create(user=chief, type="totp", data={})
    operator.post(f"{USERS}{chief.pk}/change/", form_of(chief, email="taken@example.com"))
    operator.post(
        f"{USERS}{chief.pk}/password/",
        {"password1": "other-long-word", "password2": "other-long-word"},
    )
    operator.post(f"{USERS}{chief.pk}/delete/", {"post": "yes"})
    for name in ("deactivate", "end_their_sessions", "reset_second_factor", "delete_selected"):
        act(operator, name, chief)
    operator.post(
        USERS, {"action": "delete_selected", "_selected_action": [str(chief.pk)], "post": "yes"}
    )
    assert User.objects.filter(pk=chief.pk).values().get() == before
    assert Authenticator.objects.filter(user=chief).exists()
    factor = Authenticator.objects.get(user=chief)
    assert (
        operator.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )


def test_deactivating_ends_the_sessions_and_is_on_record(operator):
    user = person("leaver")
    elsewhere = Client()
    elsewhere.force_login(user, backend="core.signin.Backend")
    now = timezone.now()
    ApiSession.objects.create(
        user=user, refresh_hash="x", rotated_at=now, expires_at=now + timedelta(days=1)
    )
    other = person("stays")
    act(operator, "deactivate", user)
    user.refresh_from_db()
    other.refresh_from_db()
    assert (user.is_active, other.is_active) == (False, True)
    assert not elsewhere.session.get("_auth_user_id")
    assert ApiSession.objects.filter(user=user, revoked_at=None).count() == 0
    assert actions()[-1] == "user.changed"


def test_ending_sessions_ends_those_of_the_chosen_person_alone(operator):
    user = person("roamer")
    browser = Client()
    browser.force_login(user, backend="core.signin.Backend")
    act(operator, "end_their_sessions", user)
    assert not browser.session.get("_auth_user_id")
    assert operator.get(USERS).status_code == 200
    event = AuditEvent.objects.get(action="session.ended")
    assert (event.target_id, event.facts["sessions"]) == (str(user.pk), 1)


def test_resetting_a_second_factor_takes_it_away_and_is_on_record(operator):
    user = person("lost-phone")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "sealed-here"})
    assert "sealed-here" not in operator.get("/admin/mfa/authenticator/").content.decode()
    act(operator, "reset_second_factor", user)
    assert not Authenticator.objects.filter(user=user).exists()
    assert AuditEvent.objects.get(action="second_factor.reset").target_id == str(user.pk)


def test_a_password_set_by_staff_is_on_record_and_shown_nowhere(operator):
    user = person("forgetful")
    word = "other-long-word-77"
    response = operator.post(f"{USERS}{user.pk}/password/", {"password1": word, "password2": word})
    assert response.status_code == 302
    user.refresh_from_db()
    assert user.check_password(word)
    assert AuditEvent.objects.get(action="password.set").target_id == str(user.pk)
    page = operator.get(f"{USERS}{user.pk}/change/").content.decode()
    assert user.password not in page
    assert "md5$" not in page


def test_the_three_roles_are_kept_by_the_house_and_a_superusers_own_group_is_audited(client):
    client.force_login(person(is_staff=True, is_superuser=True), backend="core.signin.Backend")
    viewer = Group.objects.get(name=roles.OPERATIONS_VIEWER)
    assert client.post(f"/admin/auth/group/{viewer.pk}/change/", {"name": "x"}).status_code == 403
    assert client.post(f"/admin/auth/group/{viewer.pk}/delete/", {"post": "yes"}).status_code == 403
    permission = Permission.objects.get(codename="view_run")
    client.post("/admin/auth/group/add/", {"name": "Own", "permissions": [permission.pk]})
    own = Group.objects.get(name="Own")
    client.post(f"/admin/auth/group/{own.pk}/change/", {"name": "Own", "permissions": []})
    changes = [
        event.facts
        for event in AuditEvent.objects.filter(action="role.changed").order_by("sequence")
    ]
    assert changes == [{"before": [], "after": ["view_run"]}, {"before": ["view_run"], "after": []}]


def test_an_api_session_is_revoked_once_and_on_record(operator):
    now = timezone.now()
    user = person("device")
    session = ApiSession.objects.create(
        user=user, refresh_hash="x", rotated_at=now, expires_at=now + timedelta(days=1)
    )
    for _time in range(2):
        operator.post(
            "/admin/core/apisession/", {"action": "revoke", "_selected_action": [str(session.pk)]}
        )
    session.refresh_from_db()
    assert session.revoked_at is not None
    assert AuditEvent.objects.filter(action="session.ended").count() == 1

"""The three staff roles: each sees and does exactly its part, on every table of the admin."""

import pytest
from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import RequestFactory

from core.signin import roles
from tests.support.people import person, staff

pytestmark = pytest.mark.django_db

# What operations admins change. A table of a later app is added here, or below,
# by whoever adds the table.
CHANGED = {
    "core.alertchannel", "core.systemsetting", "core.user", "crm.appointment", "crm.contact",
    "crm.lead", "crm.member", "crm.organization", "crm.organizationsettings", "crm.salesrep",
    "crm.team", "fathom_sync.fathomaccount",
    "django_celery_beat.clockedschedule", "django_celery_beat.crontabschedule",
    "django_celery_beat.intervalschedule", "django_celery_beat.periodictask",
    "django_celery_beat.solarschedule",
}  # fmt: skip
# Never deleted: what is known of workspaces hangs on them. Workspaces are found, not added.
ADDED_AND_CHANGED = {"bison.instance"}
ONLY_CHANGED = {"bison.workspace"}
# People connect them; here they are changed and deleted.
CHANGED_AND_DELETED = {"integrations.integration"}
CHANGED_BY_SUPERUSERS = {"auth.group"}
ONLY_DELETED = {"axes.accessattempt", "mfa.authenticator"}
ONLY_READ = {
    "admin.logentry", "axes.accessfailurelog", "axes.accesslog", "calls.call",
    "calls.guestinvitation", "calls.meetingmail", "calls.recording", "calls.removedrecording",
    "core.alertdelivery", "core.apicall", "core.apikeyhour", "core.apisession",
    "core.auditevent", "core.audithead",
    "core.idempotencykey", "core.inboundevent", "core.inboundreceipt", "core.incident",
    "core.maintenancewindow", "crm.merge", "fathom_sync.assignment", "core.sourceday",
    "core.vendoraccount", "crm.invitation", "core.run", "fathom_sync.fathommeeting",
    "fathom_sync.ledgerday", "fathom_sync.listedday", "core.stablekey", "core.watch",
    "bison.campaign", "bison.dailyfigures", "bison.domainday", "bison.emailaccount",
    "bison.importedkey", "bison.ledgercheck", "bison.ledgerday", "bison.nametaken",
    "bison.onboarding", "bison.reply", "bison.runway",
    "bison.suppression", "bison.suppressionstate", "bison.turn", "bison.workspaceresult",
    "integrations.oauthgrant", "integrations.contactlink", "integrations.contactconflict",
    "integrations.event", "integrations.eventendpoint", "integrations.delivery",
    "integrations.demo", "integrations.helpdeskagent", "integrations.chatwootwebhook",
    "integrations.pipedrivewebhook",
}  # fmt: skip
HIDDEN_FROM_VIEWERS = {
    "admin.logentry", "axes.accessattempt", "axes.accessfailurelog", "axes.accesslog",
    "core.auditevent", "core.audithead", "mfa.authenticator",
}  # fmt: skip
ACTS = {
    "bison.instance": {"test", "discover", "use_main_key", "use_backup_key"},
    "bison.onboarding": {"probe"},
    "bison.suppression": {"apply", "read_back"},
    "bison.workspace": {
        "test", "generate_key", "revoke_key", "replace_leaked_key", "check_webhook",
        "repair_webhook", "sync_accounts", "require_own_key", "allow_shared_key",
    },
    "calls.call": {"check_now"},
    "core.alertchannel": {"test"},
    "core.alertdelivery": {"again"},
    "core.apisession": {"revoke"},
    "core.inboundevent": {"replay"},
    "core.incident": {"acknowledge", "close"},
    "fathom_sync.fathomaccount": {"test", "resync", "reconcile"},
    "integrations.integration": {"test", "switch_on", "switch_off", "disconnect"},
    "integrations.delivery": {"replay"},
    "core.run": {"cancel"},
    "core.vendoraccount": {"test", "fetch"},
    "crm.invitation": {"revoke"},
    "crm.salesrep": {"archive", "restore"},
    "core.user": {"deactivate", "end_their_sessions", "reset_second_factor"},
    "django_celery_beat.periodictask": {"switch_on", "switch_off", "run_now"},
}  # fmt: skip
WHO = [*roles.ROLES, "superuser"]


def request_of(who):
    request = RequestFactory().get("/admin/")
    request.user = person(is_staff=True, is_superuser=True) if who == "superuser" else staff(who)
    return request


def expected(who, label):
    """view, add, change, delete."""
    if who == roles.OPERATIONS_VIEWER:
        return (label not in HIDDEN_FROM_VIEWERS, False, False, False)
    if who == roles.AUDITOR:
        # Auditors know Email Bison by its logs alone.
        return (not label.startswith("bison."), False, False, False)
    if label in ADDED_AND_CHANGED | ONLY_CHANGED:
        return (True, label in ADDED_AND_CHANGED, True, False)
    if label in CHANGED_AND_DELETED:
        return (True, False, True, True)
    writes = label in CHANGED or (who == "superuser" and label in CHANGED_BY_SUPERUSERS)
    return (True, writes, writes, writes or label in ONLY_DELETED)


def test_the_tables_above_name_every_table_of_the_admin_once():
    listed = [
        *CHANGED,
        *ADDED_AND_CHANGED,
        *ONLY_CHANGED,
        *CHANGED_AND_DELETED,
        *CHANGED_BY_SUPERUSERS,
        *ONLY_DELETED,
        *ONLY_READ,
    ]
    assert len(listed) == len(set(listed))
    assert {model._meta.label_lower for model in admin.site._registry} == set(listed)


@pytest.mark.parametrize("who", WHO)
def test_each_role_may_view_add_change_and_delete_exactly_its_part(who):
    request = request_of(who)
    found = {
        model._meta.label_lower: (
            page.has_view_permission(request),
            page.has_add_permission(request),
            page.has_change_permission(request),
            page.has_delete_permission(request),
        )
        for model, page in admin.site._registry.items()
    }
    assert found == {label: expected(who, label) for label in found}


@pytest.mark.parametrize("who", WHO)
def test_each_role_is_offered_exactly_its_acts(who):
    request = request_of(who)
    may_act = who in (roles.OPERATIONS_ADMIN, "superuser")
    for model, page in admin.site._registry.items():
        label = model._meta.label_lower
        wanted = ACTS.get(label, set()) if may_act else set()
        if expected(who, label)[3]:
            wanted = wanted | {"delete_selected"}
        assert set(page.get_actions(request)) == wanted, label


@pytest.mark.parametrize("who", WHO)
def test_each_role_opens_exactly_its_lists(who, client):
    client.force_login(request_of(who).user, backend="core.signin.Backend")
    for model in admin.site._registry:
        label = model._meta.label_lower
        response = client.get(f"/admin/{label.replace('.', '/')}/")
        assert response.status_code == (200 if expected(who, label)[0] else 403), label


def test_exports_replay_and_reveal_belong_to_those_who_need_them():
    permissions = {
        name: set(
            Permission.objects.filter(group__name=name)
            .exclude(codename__regex="^(add|change|delete|view)_")
            .exclude(content_type__app_label__in=["bison", "integrations"])
            .values_list("codename", flat=True)
        )
        for name in roles.ROLES
    }
    assert permissions == {
        roles.OPERATIONS_ADMIN: {
            "erase_person",
            "export_apicall",
            "export_auditevent",
            "replay_inboundevent",
            "reveal_secret",
        },
        roles.OPERATIONS_VIEWER: set(),
        roles.AUDITOR: {"export_auditevent"},
    }


def test_what_belongs_to_email_bison_is_changed_by_admins_looked_at_by_viewers_and_no_auditors():
    actions = {
        name: {
            codename.partition("_")[0]
            for codename in Permission.objects.filter(
                group__name=name, content_type__app_label="bison"
            ).values_list("codename", flat=True)
        }
        for name in roles.ROLES
    }
    assert actions[roles.OPERATIONS_ADMIN] >= {
        "add",
        "change",
        "view",
        "generate",
        "revoke",
        "import",
        "webhook",
    }
    assert actions[roles.OPERATIONS_VIEWER] == {"view"}
    assert actions[roles.AUDITOR] == set()


def test_integrations_are_tested_synced_and_disconnected_by_admins_alone():
    acts = {
        name: set(
            Permission.objects.filter(group__name=name, content_type__app_label="integrations")
            .exclude(codename__regex="^(add|change|delete|view)_")
            .values_list("codename", flat=True)
        )
        for name in roles.ROLES
    }
    names = {f"{act}_integration" for act in ("test", "sync", "disconnect", "replay")}
    assert acts == {
        roles.OPERATIONS_ADMIN: names,
        roles.OPERATIONS_VIEWER: set(),
        roles.AUDITOR: set(),
    }


def test_an_outsider_and_a_member_without_staff_rights_never_get_in(client):
    assert client.get("/admin/").status_code == 302
    client.force_login(person(), backend="core.signin.Backend")
    assert client.get("/admin/").status_code in (302, 403)
    assert client.get("/admin/core/incident/").status_code in (302, 403)


def test_migrate_puts_right_what_was_changed_by_hand_and_changes_nothing_else():
    viewer = Group.objects.get(name=roles.OPERATIONS_VIEWER)
    before = set(viewer.permissions.values_list("pk", flat=True))
    own = Group.objects.create(name="Our own")
    own.permissions.add(Permission.objects.get(codename="add_user"))
    viewer.permissions.add(Permission.objects.get(codename="reveal_secret"))
    viewer.permissions.remove(Permission.objects.get(codename="view_incident"))
    for app in (
        apps.get_app_configs()
    ):  # as migrate does; that it does is what the other tests here stand on
        roles.keep(app)
    assert set(viewer.permissions.values_list("pk", flat=True)) == before
    assert own.permissions.count() == 1


def test_a_second_migrate_writes_nothing(django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as queries:
        roles.keep(apps.get_app_config("core"))
    assert not [
        query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
    ]


def test_a_later_app_of_the_project_is_covered_by_its_place_and_others_are_not(settings, tmp_path):
    class Later(AppConfig):
        name = "later"

    settings.BASE_DIR = tmp_path
    assert roles.covers(Later("later", _Module(tmp_path / "later")))
    assert not roles.covers(Later("later", _Module(tmp_path / ".koppel" / "venv" / "later")))


class _Module:
    def __init__(self, path):
        self.__path__ = [str(path)]
        self.__file__ = str(path / "__init__.py")

"""The buttons of the admin: what each does, that it is on record, and that a secret shows
nowhere on the way.
"""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.utils import timezone

from core import incidents, settings_store
from core.admin import audit as audit_page
from core.models import AlertChannel, AuditEvent, InboundEvent, Incident, SystemSetting, User, Watch
from core.settings_store import Setting
from core.signin import roles
from tests.support.audit import as_the_tables_owner
from tests.support.hooks import hook_server
from tests.support.people import organization, staff
from tests.support.rows import audit_rows, deliveries, id_at
from tests.support.runs import start
from tests.support.world import World

pytestmark = pytest.mark.django_db
SECRET = "hook-secret-4711-tail"


@pytest.fixture
def operator(client):
    client.force_login(staff(roles.OPERATIONS_ADMIN, "operator"), backend="core.signin.Backend")
    return client


@pytest.fixture
def viewer(client):
    client.force_login(staff(roles.OPERATIONS_VIEWER, "viewer"), backend="core.signin.Backend")
    return client


def act(client, page, name, *rows, query=""):
    data = {"action": name, "_selected_action": [str(row.pk) for row in rows], "index": "0"}
    return client.post(f"/admin/{page}/{query}", data, follow=True)


def texts(response):
    return [str(message) for message in response.context["messages"]]


def recorded(action):
    return AuditEvent.objects.filter(action=action).count()


def test_failed_deliveries_are_replayed_and_processed_ones_left_alone(operator):
    failed = deliveries(2, processing_status="failed", retry_count=3)
    (done,) = deliveries(1, processing_status="processed")
    response = act(operator, "core/inboundevent", "replay", *failed, done)
    assert texts(response) == [
        "2 deliveries go to work again.",
        "What was processed or is already waiting was left alone.",
    ]
    assert InboundEvent.objects.filter(processing_status="pending", retry_count=0).count() == 2
    assert InboundEvent.objects.get(pk=done.pk).processing_status == "processed"
    assert recorded("webhook.replayed") == 1


def test_the_button_on_a_detail_page_reaches_a_row_older_than_the_lists_window(operator):
    then = timezone.now() - timedelta(days=5)
    (old,) = deliveries(1, processing_status="failed", id=id_at(then), received_at=then)
    act(operator, "core/inboundevent", "replay", old)
    assert (
        InboundEvent.objects.get(pk=old.pk).processing_status == "failed"
    )  # the list's own window ends before it
    page = operator.get(f"/admin/core/inboundevent/{old.pk}/change/").content.decode()
    assert 'action="../../?since=all"' in page
    assert 'name="action" value="replay"' in page
    act(operator, "core/inboundevent", "replay", old, query="?since=all")
    assert InboundEvent.objects.get(pk=old.pk).processing_status == "pending"


def test_a_viewer_has_no_buttons_and_a_crafted_request_does_nothing(viewer):
    (failed,) = deliveries(1, processing_status="failed")
    incident = incidents.observe("c", ok=False, title="Broken")
    run, _started = start("probe")
    for page, name, row in (
        ("core/inboundevent", "replay", failed),
        ("core/incident", "close", incident),
        ("core/run", "cancel", run),
    ):
        assert (
            f'value="{name}"' not in viewer.get(f"/admin/{page}/{row.pk}/change/").content.decode()
        )
        act(viewer, page, name, row)
    run.refresh_from_db()
    assert InboundEvent.objects.get(pk=failed.pk).processing_status == "failed"
    assert Incident.objects.get().closed_at is None
    assert (run.state, run.cancel_requested) == ("queued", False)


def test_a_run_is_cancelled(operator):
    run, _started = start("probe")
    assert texts(act(operator, "core/run", "cancel", run)) == ["1 run is asked to stop."]
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert recorded("run.cancelled") == 1


def test_what_is_over_offers_no_act_that_has_no_meaning_any_more(operator):
    def offered(page, row):
        found = operator.get(f"/admin/{page}/{row.pk}/change/").content.decode()
        return re.findall(r'name="action" value="(\w+)"', found)

    run, _started = start("probe")
    incident = incidents.observe("c", ok=False, title="Broken")
    (failed,), (done,) = (
        deliveries(1, processing_status="failed"),
        deliveries(1, processing_status="processed"),
    )
    rep, person = World().rep, User.objects.create_user("somebody")
    assert offered("core/run", run) == ["cancel"]
    assert offered("core/incident", incident) == ["acknowledge", "close"]
    assert offered("core/inboundevent", failed) == ["replay"]
    assert offered("core/inboundevent", done) == []
    assert offered("crm/salesrep", rep) == ["archive"]
    assert "deactivate" in offered("core/user", person)
    act(operator, "core/run", "cancel", run)
    act(operator, "core/incident", "close", incident)
    act(operator, "crm/salesrep", "archive", rep)
    act(operator, "core/user", "deactivate", person)
    assert offered("core/run", run) == []
    assert offered("core/incident", incident) == []
    assert offered("crm/salesrep", rep) == ["restore"]
    assert "deactivate" not in offered("core/user", person)


def test_an_incident_is_closed_by_hand_once(operator):
    incident = incidents.observe("c", ok=False, title="Broken")
    assert texts(act(operator, "core/incident", "close", incident)) == ["1 incident closed."]
    assert texts(act(operator, "core/incident", "close", incident)) == ["0 incidents closed."]
    assert Incident.objects.get().closed_at is not None
    assert not Watch.objects.exists()
    assert recorded("incident.closed") == 1


def channel_form(**changes):
    return {
        "name": "Chat",
        "kind": "slack",
        "target": "",
        "minimum_severity": "warning",
        "is_enabled": "on",
    } | changes


def test_a_channel_is_added_changed_tested_and_removed_and_its_address_is_seen_nowhere(
    operator, settings
):
    with hook_server() as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        address = f"{server.url}/{SECRET}"
        operator.post("/admin/core/alertchannel/add/", channel_form(target=address))
        channel = AlertChannel.objects.get()
        assert channel.target.reveal() == address
        url = f"/admin/core/alertchannel/{channel.pk}/change/"
        operator.post(url, channel_form(name="Team chat"))
        channel.refresh_from_db()
        assert (channel.name, channel.target.reveal()) == ("Team chat", address)
        messages = texts(act(operator, "core/alertchannel", "test", channel))
        assert messages[-1] == "Team chat: The message was handed over. See whether it arrived."
        assert len(server.taken) == 1
        pages = (
            operator.get(url).content.decode()
            + operator.get("/admin/core/alertchannel/").content.decode()
        )
    assert SECRET not in pages
    operator.post(f"/admin/core/alertchannel/{channel.pk}/delete/", {"post": "yes"})
    assert not AlertChannel.objects.exists()
    events = list(AuditEvent.objects.filter(action__startswith="channel.").order_by("sequence"))
    assert [event.action for event in events] == [
        "channel.added", "channel.changed", "channel.tested", "channel.removed",
    ]  # fmt: skip
    assert (bool(events[0].new_value), events[1].new_value) == (True, "")
    written = json.dumps([event.facts for event in events]) + " ".join(
        f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all()
    )
    assert SECRET not in written


def test_a_channels_form_refuses_what_cannot_work_and_says_why(operator):
    add = "/admin/core/alertchannel/add/"
    page = operator.get(add).content.decode()
    assert "set TWILIO_ACCOUNT_SID" in page
    assert 'value="sms"' not in page
    operator.post(add, channel_form(kind="sms", target="+31612345678"))
    operator.post(add, channel_form(kind="email", target="nobody"))
    operator.post(add, channel_form())
    assert not AlertChannel.objects.exists()


def test_another_kind_needs_another_address(operator):
    channel = AlertChannel.objects.create(
        name="Chat", kind="slack", target="https://chat.example.org/x"
    )
    operator.post(f"/admin/core/alertchannel/{channel.pk}/change/", channel_form(kind="email"))
    channel.refresh_from_db()
    assert channel.kind == "slack"


def test_a_channel_that_is_switched_off_or_removed_is_no_longer_an_incident(operator):
    channel = AlertChannel.objects.create(
        name="Chat", kind="slack", target="https://chat.example.org/x"
    )
    incidents.observe(f"alert_channel:{channel.pk}", ok=False, title="Broken")
    form = channel_form()
    del form["is_enabled"]
    operator.post(f"/admin/core/alertchannel/{channel.pk}/change/", form)
    assert Incident.objects.get().closed_at is not None


@pytest.fixture
def declared():
    setting = Setting("test_admin_key", "A key of the tests", secret=True)
    settings_store.declare(setting)
    yield setting
    del settings_store._declared["test_admin_key"]


def test_a_setting_is_written_replaced_and_removed_and_never_shown(operator, declared):
    url = "/admin/core/systemsetting/"
    response = operator.post(
        f"{url}add/", {"setting_key": declared.key, "setting_value": "first-secret-value"}
    )
    assert response.status_code == 302
    row = SystemSetting.objects.get()
    assert settings_store.get(declared.key).reveal() == "first-secret-value"
    assert LogEntry.objects.get().object_id == str(row.pk)
    change = f"{url}{row.pk}/change/"
    for page in (url, change):
        assert "first-secret-value" not in operator.get(page).content.decode()
    operator.post(change, {"setting_value": ""})
    assert settings_store.get(declared.key).reveal() == "first-secret-value"
    operator.post(change, {"setting_value": "second-secret-value"})
    assert settings_store.get(declared.key).reveal() == "second-secret-value"
    operator.post(f"{url}{row.pk}/delete/", {"post": "yes"})
    assert settings_store.get(declared.key) is None
    actions = AuditEvent.objects.filter(action__startswith="setting.").order_by("sequence")
    assert [event.action for event in actions] == [
        "setting.changed",
        "setting.changed",
        "setting.removed",
    ]
    written = " ".join(
        f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all()
    )
    assert "secret-value" not in written


@pytest.fixture
def plain():
    """A setting that is no secret, and one that Koppel alone writes."""
    declared = [
        Setting("test_plain", "A number"),
        Setting("test_machine", "A state", by_hand=False),
    ]
    for setting in declared:
        settings_store.declare(setting)
        settings_store.put(setting.key, f"value-of-{setting.key}", actor="test")
    yield "/admin/core/systemsetting/"
    for setting in declared:
        del settings_store._declared[setting.key]


def setting_row(key):
    return SystemSetting.objects.get(setting_key=key)


def test_a_setting_that_is_no_secret_is_read_in_the_list_and_in_its_form(operator, plain):
    change = f"{plain}{setting_row('test_plain').pk}/change/"
    assert "value-of-test_plain" in operator.get(plain).content.decode()
    assert 'value="value-of-test_plain"' in operator.get(change).content.decode()
    operator.post(change, {"setting_value": "another"})
    assert settings_store.get("test_plain") == "another"


def test_a_setting_of_an_organization_says_whose_it_is_by_name(operator, plain):
    northwind = organization("Northwind Sales")
    settings_store.put("test_plain", "theirs", actor="test", organization_id=northwind.pk)
    row = SystemSetting.objects.get(setting_key="test_plain", organization_id=northwind.pk)
    for page in (plain, f"{plain}{row.pk}/change/"):
        shown = operator.get(page).content.decode()
        assert "Northwind Sales" in shown
        assert str(northwind.pk) not in shown
    operator.post(f"{plain}{row.pk}/change/", {"setting_value": "another"})
    assert settings_store.get("test_plain", northwind.pk) == "another"


def test_what_koppel_writes_itself_is_shown_and_cannot_be_typed_over_or_removed(operator, plain):
    row = setting_row("test_machine")
    assert "value-of-test_machine" in operator.get(f"{plain}{row.pk}/change/").content.decode()
    assert "test_machine" not in operator.get(f"{plain}add/").content.decode()
    assert operator.post(f"{plain}{row.pk}/change/", {"setting_value": "typed"}).status_code == 403
    assert operator.post(f"{plain}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    operator.post(f"{plain}add/", {"setting_key": "test_machine", "setting_value": "typed"})
    assert settings_store.get("test_machine") == "value-of-test_machine"


def test_a_setting_that_no_key_opens_is_said_to_be_so(operator, plain):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE system_settings SET setting_value = %s",
            [f"{'ab' * 16}:{'cd' * 16}:{'ef' * 20}"],
        )
    assert "Cannot be read" in operator.get(plain).content.decode()
    assert operator.get(f"{plain}{setting_row('test_plain').pk}/change/").status_code == 200


def test_the_audit_log_is_verified_on_the_page(client):
    client.force_login(staff(roles.AUDITOR), backend="core.signin.Backend")
    audit_rows(3)
    good = client.post("/admin/core/auditevent/verify/", follow=True)
    assert [text for text in texts(good) if "the log is as it was written" in text]
    with as_the_tables_owner() as cursor:
        cursor.execute("UPDATE audit_logs SET action = 'tier.changed' WHERE sequence = 2")
    bad = client.post("/admin/core/auditevent/verify/", follow=True)
    assert [message.level_tag for message in bad.context["messages"]].count("error") >= 1
    assert recorded("audit.verified") == 2


def test_a_long_audit_log_is_left_to_the_command(client, monkeypatch):
    client.force_login(staff(roles.AUDITOR), backend="core.signin.Backend")
    monkeypatch.setattr(audit_page, "VERIFY_ON_A_PAGE", 0)
    assert (
        "manage.py verify_audit"
        in texts(client.post("/admin/core/auditevent/verify/", follow=True))[0]
    )
    assert recorded("audit.verified") == 0

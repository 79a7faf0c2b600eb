"""The settings store: declared, looked up in three places, validated, audited, sealed."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from core import audit, settings_store
from core.masking import BULLETS, Secret, mask_api_key
from core.models import AuditEvent, SystemSetting, User
from core.settings_store import Setting, UnknownSetting, declare, get, put, source

pytestmark = pytest.mark.django_db
KEY = "4jmc-aeVcQm2PzB8n0Lw7xvKAs"
ORGANIZATION = uuid.UUID(int=7)


def at_least_five(value):
    if len(value) < 5:
        raise ValidationError("At least five characters.")


declare(Setting("test_secret", "A secret", secret=True, env="TEST_SECRET", validate=at_least_five))
declare(Setting("test_hour", "An hour", env="TEST_HOUR", description="When it runs"))


@pytest.fixture
def ops():
    return User.objects.create_user("ops", password="x")


def test_a_secret_setting_comes_as_a_secret_and_another_as_text(ops):
    put("test_secret", KEY, actor=ops)
    put("test_hour", "4", actor=ops)

    assert get("test_secret") == Secret(KEY)
    assert str(get("test_secret")) == BULLETS
    assert get("test_hour") == "4"
    row = SystemSetting.objects.get(setting_key="test_hour")
    assert (row.description, row.updated_by) == ("When it runs", ops)


def test_the_organization_goes_before_the_installation_and_that_before_the_environment(
    ops, monkeypatch
):
    assert (get("test_secret", ORGANIZATION), source("test_secret", ORGANIZATION)) == (None, "")
    monkeypatch.setenv("TEST_SECRET", "from environment")
    assert (get("test_secret", ORGANIZATION).reveal(), source("test_secret")) == (
        "from environment",
        "environment",
    )
    put("test_secret", "of the installation", actor=ops)
    assert get("test_secret", ORGANIZATION).reveal() == "of the installation"
    assert source("test_secret", ORGANIZATION) == "installation"
    put("test_secret", "of the organization", actor=ops, organization_id=ORGANIZATION)
    assert get("test_secret", ORGANIZATION).reveal() == "of the organization"
    assert source("test_secret", ORGANIZATION) == "organization"
    assert (
        get("test_secret").reveal()
        == get("test_secret", uuid.UUID(int=8)).reveal()
        == "of the installation"
    )


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_removed_value_falls_back_to_the_next_place(ops, nothing):
    put("test_secret", "of the installation", actor=ops)
    put("test_secret", "of the organization", actor=ops, organization_id=ORGANIZATION)
    put("test_secret", nothing, actor=ops, organization_id=ORGANIZATION)

    assert get("test_secret", ORGANIZATION).reveal() == "of the installation"
    put("test_secret", nothing, actor=ops)
    assert get("test_secret", ORGANIZATION) is None
    assert SystemSetting.objects.count() == 0


@pytest.mark.parametrize("mask", [BULLETS, mask_api_key(KEY)])
def test_a_mask_sent_back_keeps_the_stored_secret_and_is_no_change(ops, mask):
    put("test_secret", KEY, actor=ops)
    before = AuditEvent.objects.count()
    put("test_secret", mask, actor=ops)
    assert get("test_secret").reveal() == KEY
    assert AuditEvent.objects.count() == before


def test_a_value_that_the_declaration_refuses_is_not_stored_nor_recorded(ops):
    put("test_secret", KEY, actor=ops)
    before = AuditEvent.objects.count()
    for bad in ("four", "nul\x00inside"):
        with pytest.raises(ValidationError):
            put("test_secret", bad, actor=ops)
    assert get("test_secret").reveal() == KEY
    assert AuditEvent.objects.count() == before


def test_an_undeclared_key_is_refused(ops):
    with pytest.raises(UnknownSetting):
        get("invented")
    with pytest.raises(UnknownSetting):
        put("invented", "x", actor=ops)
    assert SystemSetting.objects.count() == 0


def test_a_key_is_declared_once():
    assert declare(Setting("test_hour", "An hour", env="TEST_HOUR", description="When it runs"))
    with pytest.raises(ValueError, match="declared twice"):
        declare(Setting("test_hour", "Another"))
    assert [
        setting.key for setting in settings_store.declared() if setting.key.startswith("test_")
    ] == [
        "test_hour",
        "test_secret",
    ]


def test_each_change_is_audited_with_keyed_hashes_and_no_value(ops):
    put("test_secret", KEY, actor=ops, organization_id=ORGANIZATION)
    put("test_secret", "another one", actor=ops, organization_id=ORGANIZATION)
    put("test_secret", None, actor=ops, organization_id=ORGANIZATION)

    first, second, third = AuditEvent.objects.order_by("sequence")
    assert [event.action for event in (first, second, third)] == [
        "setting.changed",
        "setting.changed",
        "setting.removed",
    ]
    assert (first.old_value, first.new_value) == ("", audit.value_hash(KEY))
    assert second.old_value == first.new_value
    assert (third.old_value, third.new_value) == (second.new_value, "")
    assert first.actor_id == ops.pk
    assert first.organization_id == ORGANIZATION
    assert first.facts == {"key": "test_secret"}
    assert {event.target_id for event in (first, second, third)} == {first.target_id}


def test_the_same_value_again_is_no_change(ops):
    put("test_secret", KEY, actor=ops)
    put("test_secret", KEY, actor=ops)
    assert AuditEvent.objects.count() == 1


def test_a_value_that_no_key_opens_can_be_replaced(ops):
    put("test_secret", KEY, actor=ops)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE system_settings SET setting_value = 'rubbish'")
    put("test_secret", "a new value", actor=ops)
    assert get("test_secret").reveal() == "a new value"
    assert AuditEvent.objects.latest("sequence").facts["old_value_could_not_be_opened"] is True


@pytest.mark.django_db(transaction=True)
def test_a_setting_whose_audit_row_cannot_be_written_is_not_changed(ops):
    put("test_secret", KEY, actor=ops)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_head RENAME TO audit_head_away")
    try:
        with pytest.raises(DatabaseError):
            put("test_secret", "a new value", actor=ops)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_head_away RENAME TO audit_head")
    assert get("test_secret").reveal() == KEY


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_is_not_seen_afterwards(ops):
    put("test_secret", KEY, actor=ops)
    with transaction.atomic():
        put("test_secret", "never to be", actor=ops)
        assert get("test_secret").reveal() == "never to be"
        transaction.set_rollback(True)
    assert get("test_secret").reveal() == KEY

"""What one record in the audit log holds, and when it refuses."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test import RequestFactory

from core import audit
from core.audit import chain
from core.masking import BULLETS, Secret
from core.models import AuditEvent, SystemSetting, User
from tests.support.audit import as_the_tables_owner


@pytest.fixture
def person(db):
    return User.objects.create_user("ops", password="x")


@transaction.atomic
def act():
    SystemSetting.objects.create(setting_key="act", setting_value="done")
    audit.record("setting.changed")


def test_an_act_is_recorded_with_who_what_where_and_keyed_hashes(person):
    row = SystemSetting(setting_key="cron_hour")
    request = RequestFactory().get("/", REMOTE_ADDR="198.51.100.7", HTTP_USER_AGENT="Firefox")
    organization_id = uuid.uuid4()

    audit.record(
        "setting.changed",
        actor=person,
        target=row,
        request=request,
        organization_id=organization_id,
        old=Secret("old"),
        new="new",
        key="cron_hour",
    )

    event = AuditEvent.objects.get()
    assert event.action == "setting.changed"
    assert (event.actor_id, event.actor_name) == (person.pk, "ops")
    assert (event.target_type, event.target_id, event.target_name) == (
        "core.systemsetting",
        str(row.pk),
        "cron_hour",
    )
    assert (event.ip, event.user_agent) == ("198.51.100.7", "Firefox")
    assert event.organization_id == organization_id
    assert event.old_value == audit.value_hash("old") != audit.value_hash("new") == event.new_value
    assert event.facts == {"key": "cron_hour"}
    assert audit.verify().intact


def test_the_requests_user_is_the_actor_when_none_is_named(person):
    request = RequestFactory().get("/")
    request.user = person

    assert audit.record("export.made", request=request).actor_name == "ops"


@pytest.mark.parametrize(("actor", "name"), [(None, ""), (AnonymousUser(), ""), ("beat", "beat")])
def test_an_actor_may_be_nobody_or_something_that_is_no_person(db, actor, name):
    event = audit.record("export.made", actor=actor)

    assert (event.actor_id, event.actor_name) == (None, name)


def test_the_address_is_the_one_that_a_trusted_proxy_saw(db, settings):
    settings.TRUSTED_PROXIES = 1
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 198.51.100.7"
    )

    assert audit.record("export.made", request=request).ip == "198.51.100.7"


def test_a_secret_among_the_facts_shows_as_bullets(db):
    audit.record("key.changed", key=Secret("top-secret"), nested={"list": [Secret("top-secret")]})

    event = AuditEvent.objects.get()
    assert event.facts == {"key": BULLETS, "nested": {"list": [BULLETS]}}


def test_any_plain_fact_comes_back_so_that_its_hash_fits(db):
    facts = {
        "text": "a\x00b\ud800 é",
        "numbers": [
            1,
            1.0,
            -0.0,
            2.5,
            1e22,
            1e300,
            10**400 % 10**30,
            float("nan"),
            float("inf"),
            0.1,
            1e-9,
        ],
        "none": None,
        "yes": True,
        7: {"x"},
        "when": datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
        "id": uuid.UUID(int=1),
        "price": Decimal("1.10"),
        "long": "x" * 5000,
    }
    audit.record("export.made", **{str(key): value for key, value in facts.items()})

    event = AuditEvent.objects.get()
    assert event.facts["text"] == "ab? é"
    assert event.facts["when"] == "2026-11-21T08:00:00+00:00"
    assert len(event.facts["long"]) == audit.LONGEST_FACT
    assert audit.verify().intact


@pytest.mark.parametrize(
    "address", ["198.51.100.7", "2001:db8::1", "::ffff:198.51.100.7", "::198.51.100.7", "nonsense"]
)
def test_every_form_of_address_verifies(db, address):
    audit.record("export.made", request=RequestFactory().get("/", REMOTE_ADDR=address))

    assert audit.verify().intact


def test_a_fact_that_is_not_plain_data_is_refused(db):
    with pytest.raises(TypeError, match="A fact is plain data, not User"):
        audit.record("export.made", who=User())
    assert AuditEvent.objects.count() == 0


def test_an_action_that_nobody_declared_is_refused(db):
    with pytest.raises(ValueError, match=r"invented is not in audit\.ACTIONS"):
        audit.record("invented")
    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_record_outside_the_acts_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        audit.record("export.made")
    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_when_the_audit_row_cannot_be_written_the_act_does_not_happen():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_logs RENAME TO audit_logs_away")
    try:
        with pytest.raises(DatabaseError):
            act()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_logs_away RENAME TO audit_logs")

    assert not SystemSetting.objects.filter(setting_key="act").exists()


@pytest.mark.django_db(transaction=True)
def test_a_head_that_was_tampered_with_stops_every_audited_act():
    with transaction.atomic():
        audit.record("export.made")
    with as_the_tables_owner() as cursor:
        cursor.execute("UPDATE audit_head SET sequence = 0")

    with pytest.raises(chain.AuditBroken):
        act()

    assert not SystemSetting.objects.filter(setting_key="act").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_logs SET action = 'x'", "DELETE FROM audit_logs", "TRUNCATE audit_logs"],
)
def test_the_database_refuses_to_change_the_log(statement):
    audit.record("export.made")
    refused = pytest.raises(DatabaseError, match="audit_logs is append-only")
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(statement)

    assert AuditEvent.objects.count() == 1
    assert audit.verify().intact

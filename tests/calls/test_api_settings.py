"""The settings of calls over the API: the chief reads and changes them, and nobody else."""

import pytest

from core.models import AuditEvent
from crm.models import OrganizationSettings
from tests.support.people import assert_error, client_of
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.users["CEO"])


OFF = {"callTranscriptionEnabled": False, "transcriptionSentTo": None}


@pytest.mark.parametrize("role", ["CEO", "ADMIN"])
def test_the_chief_reads_and_changes_the_settings(world, role):
    client = client_of(world.users[role])
    path = "/api/settings/calls"
    assert client.get(path).json() == {"callRecordingEnabled": True, "retentionDays": 90, **OFF}
    answer = client.patch(path, {"callRecordingEnabled": False})
    assert answer.json() == {"callRecordingEnabled": False, "retentionDays": 90, **OFF}
    chosen = OrganizationSettings.objects.get(organization=world.organization)
    assert (chosen.call_recording_enabled, chosen.retention_days) == (False, 90)
    event = AuditEvent.objects.get(action="setting.changed")
    assert event.organization_id == world.organization.pk
    for wrong in (
        {"retentionDays": 0},
        {"retentionDays": 3651},
        {"callRecordingEnabled": "no"},
        {"retentionDays": "9"},
    ):
        assert_error(client.patch(path, wrong), 400)
    chosen.refresh_from_db()
    assert (chosen.call_recording_enabled, chosen.retention_days) == (False, 90)


def test_the_chief_has_calls_written_down_and_is_told_by_whom(world, settings):
    client = client_of(world.users["CEO"])
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = (
        "sk-of-no-value-0123456789",
        "https://words.example.com/v1",
    )
    answer = client.patch("/api/settings/calls", {"callTranscriptionEnabled": True}).json()
    assert (answer["callTranscriptionEnabled"], answer["transcriptionSentTo"]) == (
        True,
        "words.example.com",
    )
    assert (
        OrganizationSettings.objects.get(organization=world.organization).call_transcription_enabled
        is True
    )
    assert_error(client.patch("/api/settings/calls", {"callTranscriptionEnabled": None}), 400)


@pytest.mark.parametrize("role", ["MANAGER", "CLOSER", "SETTER"])
def test_nobody_else_reads_or_changes_the_settings(world, role):
    client = client_of(world.users[role])
    assert_error(client.get("/api/settings/calls"), 403)
    assert_error(client.patch("/api/settings/calls", {"callRecordingEnabled": False}), 403)
    assert not OrganizationSettings.objects.filter(call_recording_enabled=False).exists()

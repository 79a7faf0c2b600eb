"""Calls in the admin: everything to be seen, nothing to be changed,
nothing of a transcript taken for HTML.
"""

import pytest

from calls.admin.calls import clock
from calls.models import Call
from tests.calls.cast import fathom_call
from tests.support.people import person, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client):
    client.force_login(person(is_staff=True, is_superuser=True), backend="core.signin.Backend")
    return client


def test_a_call_with_its_transcript_and_evidence(chief):
    call = fathom_call(
        World(), transcript=[{"speaker": "Ada", "at": 61, "text": "<script>x</script>"}]
    )
    page = chief.get(f"/admin/calls/call/{call.pk}/change/").content.decode()
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script>x" not in page
    assert bytes(call.content_hash).hex() in page
    assert call.external_id in page


def test_the_sessions_of_its_room_are_seen_by_operations_too(client):
    call = fathom_call(World())
    call.sessions.create(sid="RM_of_the_morning", close_told=True)
    client.force_login(staff("Operations viewer"), backend="core.signin.Backend")
    assert (
        "RM_of_the_morning" in client.get(f"/admin/calls/call/{call.pk}/change/").content.decode()
    )


def test_nobody_changes_or_deletes_one(chief):
    call = fathom_call(World())
    before = Call.objects.values().get()
    assert chief.post(f"/admin/calls/call/{call.pk}/change/", {"title": "x"}).status_code == 403
    assert chief.post(f"/admin/calls/call/{call.pk}/delete/", {"post": "yes"}).status_code == 403
    assert chief.get("/admin/calls/call/add/").status_code == 403
    assert Call.objects.values().get() == before


def test_the_list_is_filtered_and_searched(chief):
    world = World()
    fathom_call(world, title="Alpha")
    beta = fathom_call(world, title="Beta")
    beta.recordings.create(state="failed")
    found = chief.get("/admin/calls/call/?recording=failed").content.decode()
    assert "Beta" in found
    assert "Alpha" not in found
    found = chief.get("/admin/calls/call/?recording=none&q=alp").content.decode()
    assert "Alpha" in found
    assert "Beta" not in found


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, "–"), (5, "0:05"), (61.9, "1:01"), (3723, "1:02:03")]
)
def test_a_length_is_shown_as_people_say_it(seconds, shown):
    assert clock(seconds) == shown

"""Webhooks, deliveries and the ledger over the API: what staff may, and that every answer
is as the schema says.
"""

import uuid

import pytest
from django.utils import timezone

from bison.ledger import checking
from bison.models import LedgerDay
from bison.webhooks import addresses
from core import runs
from core.models import AuditEvent, InboundEvent
from core.signin import roles
from tests.bison import cast
from tests.bison.webhooks import at_vendor, delivered, work_all
from tests.support import truth
from tests.support.people import assert_error, client_of, member, organization, staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]


@pytest.fixture
def maverick(transactional_db, bison_vendor, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    return cast.instance(bison_vendor)


@pytest.fixture
def aspen(maverick, bison_vendor):
    return cast.workspace(maverick, 3, bison_vendor)


class Asking:
    """A client whose every answer is held against the schema."""

    def __init__(self, user):
        self.client = client_of(user)

    def __call__(self, method, path, body=None):
        answer = (
            getattr(self.client, method.lower())(path, body, format="json")
            if body is not None
            else getattr(self.client, method.lower())(path)
        )
        truth.check(method, path, answer)
        return answer


@pytest.fixture
def ask(transactional_db):
    return Asking(staff())


def address(workspace, act=""):
    return f"/api/bison/workspaces/{workspace.pk}/webhook{act}"


def test_a_webhook_is_switched_on_checked_repaired_and_switched_off(ask, aspen, bison_vendor):
    answer = ask(
        "PUT", address(aspen), {"enabled": True, "events": ["lead.interested", "lead.replied"]}
    )
    assert answer.status_code == 200, answer.content
    shown = answer.json()
    aspen.refresh_from_db()
    token = aspen.bison_webhook_secret.reveal()
    assert shown["bison_webhook_url"].startswith(addresses.address(aspen).rpartition("/")[0])
    assert token not in answer.content.decode()
    assert (shown["bison_webhook_enabled"], shown["bison_webhook_status"]) == (True, "healthy")
    assert shown["bison_webhook_events"] == ["lead_replied", "lead_interested"]
    assert shown["drift"] is None

    hook = at_vendor(bison_vendor, aspen)[0]
    bison_vendor.act("edit_hook", workspace=3, hook=hook["id"], url="https://elsewhere.example/x")
    drift = ask("POST", address(aspen, "/check")).json()["drift"]
    assert (drift["what"], drift["found"]) == ("url", "https://elsewhere.example/x")
    assert drift["message"]
    assert ask("POST", address(aspen, "/repair")).json()["drift"] is None
    assert at_vendor(bison_vendor, aspen)[0]["url"] == addresses.address(aspen)

    rotated = ask("POST", address(aspen, "/rotate"))
    aspen.refresh_from_db()
    assert aspen.bison_webhook_secret.reveal() != token
    assert rotated.json()["bison_webhook_url"] != shown["bison_webhook_url"]
    assert ask("GET", address(aspen)).json() == rotated.json()

    off = ask("PUT", address(aspen), {"enabled": False})
    assert (off.json()["bison_webhook_status"], at_vendor(bison_vendor, aspen)) == ("disabled", [])
    made = set(
        AuditEvent.objects.filter(action__startswith="bison.webhook").values_list(
            "action", flat=True
        )
    )
    assert made == {"bison.webhook_changed", "bison.webhook_repaired", "bison.webhook_rotated"}
    assert token not in str(list(AuditEvent.objects.values()))


def test_what_cannot_be_is_refused_with_words(ask, aspen, maverick):
    assert (
        "events"
        in assert_error(
            ask("PUT", address(aspen), {"enabled": True, "events": ["email.clicked"]}), 400
        )["fields"]
    )
    assert_error(ask("PUT", address(aspen), {"events": []}), 400)
    assert_error(ask("PUT", address(aspen), {"enabled": "yes"}), 400)
    assert_error(ask("POST", address(aspen, "/rotate")), 409, "webhook_off")
    assert_error(ask("POST", address(aspen, "/sample")), 409, "webhook_off")
    bare = cast.workspace(maverick, 5, requires_workspace_key=True)
    assert_error(ask("PUT", address(bare), {"enabled": True}), 409, "no_key")
    assert_error(ask("POST", f"/api/bison/workspaces/{uuid.uuid4()}/webhook/check"), 404)


def test_a_vendor_that_is_down_is_told_and_the_wish_is_kept(ask, aspen, bison_vendor):
    bison_vendor.fault("error", "maverick", "/webhook-url", status=500)
    assert_error(ask("PUT", address(aspen), {"enabled": True}), 502)
    bison_vendor.sandbox.heal()
    assert ask("POST", address(aspen, "/check")).json()["drift"]["what"] == "missing"
    assert ask("POST", address(aspen, "/repair")).json()["bison_webhook_status"] == "healthy"


def test_a_sample_reaches_us_over_the_way_that_deliveries_take(ask, aspen):
    ask("PUT", address(aspen), {"enabled": True})
    found = ask("POST", address(aspen, "/sample"))
    assert found.status_code == 200, found.content
    sample = found.json()["sample"]
    assert sample["reached"] is True
    assert 0 <= sample["milliseconds"] < 10_000
    assert str(sample["milliseconds"]) in sample["message"]
    work_all()
    event = InboundEvent.objects.get()
    assert (event.processing_status, event.metadata["sample"][:1] != "") == ("processed", True)
    aspen.refresh_from_db()
    assert aspen.bison_webhook_last_received_at is None
    assert aspen.replies.count() == 0


def test_a_sample_that_nobody_asked_for_is_no_address(ask, aspen):
    ask("PUT", address(aspen), {"enabled": True})
    aspen.refresh_from_db()
    path = addresses.address(aspen).partition("://")[2].partition("/")[2]
    for name in ("x", "0" * 11 + "-" + "0" * 32):
        answer = client_of().post(f"/{path}/sample/{name}", {"a": 1}, format="json")
        assert answer.status_code == 404
    assert not InboundEvent.objects.exists()


def test_deliveries_are_listed_filtered_and_replayed(
    ask, aspen, bison_vendor, django_assert_max_num_queries
):
    ask("PUT", address(aspen), {"enabled": True})
    bison_vendor.act("reply", workspace=3, interested=True, count=2)
    assert delivered(bison_vendor)
    work_all()
    path = "/api/bison/webhook-events"
    with django_assert_max_num_queries(8):
        rows = ask("GET", path).json()["results"]
    assert len(rows) == 4
    row = rows[0]
    assert (row["workspace_name"], row["processing_status"], row["retry_count"]) == (
        "Aspen Labs",
        "processed",
        0,
    )
    assert row["event_data"]["event"]["workspace_id"] == 3
    assert row["user_agent"] == "GuzzleHttp/7"
    today = timezone.now().date().isoformat()
    for query, count in (
        ("?type=lead.interested", 2),
        ("?type=LEAD_REPLIED", 2),
        ("?type=email_sent", 0),
        ("?workspace=Aspen Labs", 4),
        ("?workspace=Elsewhere", 0),
        ("?status=processed", 4),
        ("?status=failed", 0),
        (f"?from={today}&to={today}", 4),
        ("?to=2020-01-01", 0),
        ("?search=aspen interested", 2),
    ):
        assert len(ask("GET", path + query).json()["results"]) == count, query
    assert_error(ask("GET", f"{path}?status=lost"), 400)
    assert_error(ask("GET", f"{path}?kind=x"), 400)
    assert ask("POST", f"{path}/{row['id']}/replay").json()["replayed"] is False
    InboundEvent.objects.update(processing_status="failed")
    assert ask("POST", f"{path}/{row['id']}/replay").json()["replayed"] is True
    assert_error(ask("POST", f"{path}/{uuid.uuid4()}/replay"), 404)


def test_the_ledger_has_a_row_for_each_workspace_and_day(
    ask, aspen, maverick, bison_vendor, django_assert_max_num_queries
):
    cast.workspace(maverick, 4, bison_vendor)
    runs.execute(checking.start(days=10, trigger="test").run.pk)
    with django_assert_max_num_queries(8):
        rows = ask("GET", "/api/bison/ledger").json()["results"]
    assert len(rows) == 20
    for row in rows:
        assert row["interested_at_vendor"] == row["interested_here"] + row["missing"]
        assert (row["failing_since"], row["error"]) == (None, "")
    day = rows[0]["day"]
    assert (
        len(
            ask("GET", f"/api/bison/ledger?workspace=Aspen Labs&from={day}&to={day}").json()[
                "results"
            ]
        )
        == 1
    )
    bison_vendor.fault("error", "maverick", "/events", status=500)
    runs.execute(checking.start(days=2, trigger="test").run.pk)
    rows = ask("GET", "/api/bison/ledger").json()["results"]
    assert len(rows) == LedgerDay.objects.count() == 20
    assert all(row["failing_since"] and row["error"] for row in rows)


@pytest.mark.parametrize(
    ("who", "may_see", "may_see_events"),
    [(roles.OPERATIONS_VIEWER, 200, 200), (roles.AUDITOR, 403, 200), ("", 403, 403)],
)
def test_who_does_not_change_webhooks_sees_what_they_may_and_changes_nothing(
    aspen, bison_vendor, who, may_see, may_see_events
):
    ask = Asking(staff(who) if who else member("CEO", organization()))
    assert ask("GET", address(aspen)).status_code == may_see
    assert ask("GET", "/api/bison/ledger").status_code == may_see
    assert ask("GET", "/api/bison/webhook-events").status_code == may_see_events
    before = len(bison_vendor.calls("maverick", "/webhook-url"))
    assert ask("PUT", address(aspen), {"enabled": True}).status_code == 403
    for act in ("rotate", "sample", "check", "repair"):
        assert ask("POST", address(aspen, f"/{act}")).status_code == 403
    assert ask("POST", f"/api/bison/webhook-events/{uuid.uuid4()}/replay").status_code == 403
    assert len(bison_vendor.calls("maverick", "/webhook-url")) == before
    assert client_of().get("/api/bison/ledger").status_code == 401

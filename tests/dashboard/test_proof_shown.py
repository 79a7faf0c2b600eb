"""Green is shown for what was checked and for nothing else:
the proof, incidents and the badge while checks fail.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Incident, VendorAccount
from fathom_sync import accounts
from fathom_sync.models import FathomAccount, FathomMeeting, LedgerDay, ListedDay
from sandbox.vendors.fathom import DEMO_KEYS
from tests.dashboard.conftest import make_incident, make_run, signed_in
from tests.fathom_sync.cast import chloe, installation, own_account, point_at, synced
from tests.support import people

SYNC, LEDGER, LINK = "/sources/fathom", "/sources/fathom/days", "/settings/fathom"
pytestmark = pytest.mark.usefixtures("no_calls_stay")


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def proof(client: Client) -> str:
    return text(client.get(SYNC)).partition('id="proof"')[2].partition("</section>")[0]


def counts(client: Client) -> list[str]:
    """The sentence under the bar, without its times."""
    found = re.findall(r"<li[^>]*>(.*?)</li>", proof(client))
    return [re.sub(r"<[^>]+>", "", part).strip() for part in found if "<time" not in part]


@pytest.fixture
def account(northwind: Any, sandbox: Any, settings: Any, monkeypatch: Any) -> Any:
    chloe(northwind)
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=60)
    found = installation()
    synced(found)
    return found


def test_while_the_key_is_refused_nobody_reads_that_all_is_well(
    account: Any, sandbox: Any, ceo: Client, ops: Client, closer: Client
):
    assert ">Complete<" in proof(ceo)
    assert "Fathom cannot be reached" not in text(ceo.get("/"))
    sandbox.turn("fathom", revoked=[DEMO_KEYS[0]])
    assert synced(account).state == "failed"
    for client in (ceo, ops):
        assert ">Complete<" not in proof(client)
        assert "Checks fail" in proof(client)
        assert "Complete as of" in proof(client)
        assert "checks failing since" in proof(client)
        assert "Fathom cannot be reached with the key of Installation" in text(client.get("/"))
    assert "Your agency is told" in text(ceo.get("/"))
    assert "Test the connection" not in text(ceo.get("/"))
    assert "Test the connection" in text(ops.get("/"))
    assert "Fathom cannot be reached" not in text(closer.get("/"))
    assert "New calls do not come in" in text(ceo.get(LINK))
    assert "Your calls come in" not in text(ceo.get(LINK))
    sandbox.turn("fathom", revoked=[])
    synced(account)
    assert ">Complete<" in proof(ceo)
    assert "Fathom cannot be reached" not in text(ceo.get("/"))
    assert "Your calls come in" in text(ceo.get(LINK))


def test_checks_fail_since_the_first_failure_and_the_proof_keeps_its_time(
    account: Any, sandbox: Any
):
    walked = ListedDay.objects.order_by("walked_at").first()
    sandbox.turn("fathom", revoked=[DEMO_KEYS[0]])
    synced(account)
    since = FathomAccount.objects.get(pk=account.pk).failing_since
    synced(account)
    assert FathomAccount.objects.get(pk=account.pk).failing_since == since is not None
    assert ListedDay.objects.order_by("walked_at").first().walked_at == walked.walked_at < since


def test_an_organization_sees_the_incident_of_its_own_account_and_not_of_anothers(
    northwind: Any, contoso: Any, ceo: Client, outsider: Client
):
    own_account(northwind)
    accounts.say_status(accounts.account_for(northwind), "error")
    assert "Fathom cannot be reached" in text(ceo.get("/"))
    assert "Fathom cannot be reached" not in text(outsider.get("/"))
    assert not Incident.objects.exclude(for_everybody="").exists()


def test_staff_who_look_at_one_organization_see_what_hits_it_too(northwind: Any, contoso: Any):
    chief = signed_in(people.member("CEO", contoso, "chief"))
    make_incident("The door is shut", for_everybody="Nothing comes in.")
    make_incident("The cellar is wet")
    page = text(chief.get("/"))
    assert ("Nothing comes in." in page, "The cellar is wet" in page) == (True, False)


def test_the_badge_says_when_its_state_was_learned_and_not_when_somebody_last_tested(
    account: Any, ops: Client
):
    long_ago = timezone.now() - timedelta(hours=5)
    accounts.say_status(account, "connected", tested=True)
    VendorAccount.objects.filter(pk=account.pk).update(last_checked_at=long_ago)
    assert "5 hours ago" in text(ops.get(LINK))
    accounts.say_status(account, "error")
    page = text(ops.get(LINK))
    assert "Connection failed" in page
    assert "5 hours ago" not in page
    account.refresh_from_db()
    assert accounts.last_tested(account) is not None


def test_a_run_does_not_claim_that_nothing_was_left_out(northwind: Any, ceo: Client):
    run = make_run(northwind, kind="fathom.sync", outcomes={"imported": 3, "skipped_no_rep": 43})
    page = text(ceo.get(f"/runs/{run.pk}"))
    assert "Nothing is left out" not in page
    assert "each is counted once" in page


def test_staff_read_each_meeting_once_however_many_accounts_list_it(
    account: Any, northwind: Any, contoso: Any, ops: Client
):
    before = counts(ops)
    synced(own_account(northwind, DEMO_KEYS[1]))
    synced(own_account(contoso, DEMO_KEYS[1]))
    assert FathomMeeting.objects.count() > 60
    assert counts(ops) == before
    rows = ops.get(f"{LEDGER}?days=84").context["rows"]
    assert sum(row.sums.at_vendor for row in rows) == 60
    assert (
        sum(row.sums.in_koppel + row.sums.missing + row.sums.reasons.total() for row in rows) == 60
    )


def test_what_an_earlier_key_listed_is_said_beside_the_proof(account: Any, ops: Client):
    accounts.save(account, api_key=DEMO_KEYS[1], actor="test")
    synced(accounts.installation(), reset=True)
    page = proof(ops)
    recent = LedgerDay.objects.filter(day__gt=timezone.now().date() - timedelta(days=30))
    assert (
        f"{sum(recent.values_list('earlier_key', flat=True))} more were listed by an earlier key"
        in page
    )
    assert f"{sum(recent.values_list('at_vendor', flat=True))} at Fathom" in page
    assert ">Complete<" in page


def test_staff_read_what_an_earlier_key_listed_once_however_many_organizations_have_it(
    northwind: Any, contoso: Any, ops: Client, sandbox: Any, settings: Any, monkeypatch: Any
):
    chloe(northwind)
    chloe(contoso)
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=60)
    account = installation()
    synced(account)
    accounts.save(account, api_key=DEMO_KEYS[1], actor="test")
    found = synced(accounts.installation(), reset=True).evidence["ledger"]
    rows = ops.get(f"{LEDGER}?days=84").context["rows"]
    assert sum(row.sums.earlier_key for row in rows) == found["earlier_key"]
    assert sum(row.sums.at_vendor for row in rows) == found["at_vendor"]
    recent = FathomMeeting.objects.filter(day__gt=timezone.now().date() - timedelta(days=30))
    known = recent.values("recording_id").distinct().count()
    shown = proof(ops)
    listed = int(shown.partition(" at Fathom")[0].rpartition(" ")[2].rpartition(">")[2])
    assert f"{known - listed} more were listed by an earlier key" in shown


def test_a_day_that_nobody_walked_is_not_shown_as_empty(account: Any, ops: Client):
    empty = ListedDay.objects.filter(names=[], day__lt=timezone.now().date()).latest("day")
    assert ": not checked yet" not in text(ops.get(LEDGER))
    ListedDay.objects.filter(pk=empty.pk).update(walked_at=None)
    assert ": not checked yet" in text(ops.get(LEDGER))
    assert "Not all checked yet" in proof(ops)

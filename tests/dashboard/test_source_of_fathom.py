"""Sources → Fathom: its proof, its days, what waits, giving that to a rep and taking it back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import Call
from crm import services
from crm.models import RepAlias
from dashboard.calls import rep_addresses
from fathom_sync import accounts
from fathom_sync.models import Assignment, FathomMeeting, LedgerDay
from tests.dashboard.conftest import signed_in
from tests.fathom_sync.cast import CHLOES_ALIAS, chloe, installation, point_at, synced
from tests.support import people

SOURCE, DAYS, QUEUE = "/sources/fathom", "/sources/fathom/days", "/sources/fathom/queue"
RECORDS, ASSIGN, TRYING = (
    "/sources/fathom/records",
    "/sources/fathom/assign",
    "/sources/fathom/matching",
)
PAGES = [SOURCE, DAYS, QUEUE, TRYING]
pytestmark = pytest.mark.usefixtures("no_calls_stay")
STRANGER = "anna.kowalska@example.com"
CHLOE = "chloe.martin@example.com"


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def account(db: None) -> Any:
    return installation()


@pytest.fixture
def fetched(account: Any, northwind: Any, sandbox: Any, settings: Any, monkeypatch: Any) -> Any:
    """A sync has run: Chloe's meetings are here, all others wait."""
    rep = chloe(northwind)
    fathom = point_at(sandbox, settings, monkeypatch)
    fathom.turn("fathom", meetings=60)
    for recorder in (STRANGER, CHLOES_ALIAS):  # whoever the last sixty are of
        fathom.act("fathom", "arrive", count=2, recorded_by=recorder)
    synced(account)
    return rep


# --- Proof and days ---
def test_the_proof_is_what_the_ledger_says_and_a_gap_shows(
    fetched: Any, northwind: Any, ceo: Client, ops: Client
):
    since = timezone.now().date() - timedelta(days=30)
    count = sum(
        row.here for row in LedgerDay.objects.filter(organization=northwind, day__gte=since)
    )
    page = text(ceo.get(SOURCE))
    assert f"<li>{count} at Fathom</li>" in page
    assert f"{count} in Koppel" in page
    assert "left out</a>" in text(ops.get(SOURCE))

    LedgerDay.objects.filter(organization=northwind, day__gte=since, here__gt=0).update(missing=1)
    assert "missing" in text(ceo.get(SOURCE))
    assert "Gap" not in text(ceo.get(SOURCE))


def test_days_that_nobody_looked_at_are_not_shown_as_proved(
    account: Any, northwind: Any, sandbox: Any, settings: Any, monkeypatch: Any, ceo: Client
):
    chloe(northwind)
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=60)
    assert "Nothing waits so far" in text(ceo.get(QUEUE))
    synced(account, hours=168)  # some working days in any week
    page = text(ceo.get(SOURCE))
    assert "Not all checked yet" in page
    assert ">Complete<" not in page.partition('id="proof"')[2].partition("</section>")[0]
    assert "not checked yet" in text(ceo.get(DAYS))
    synced(account, hours=720)
    proof = text(ceo.get(SOURCE)).partition('id="proof"')[2].partition("</section>")[0]
    assert "Not all checked yet" not in proof
    assert "not checked yet" not in text(ceo.get(DAYS))
    assert "not checked yet" in text(ceo.get(f"{DAYS}?days=84"))
    synced(account)
    page = text(ceo.get(SOURCE)).partition('id="proof"')[2].partition("</section>")[0]
    assert "Complete" in page
    assert "Not all checked yet" not in page


def test_without_a_key_nothing_is_shown_as_proved(fetched: Any, ceo: Client):
    accounts.save(accounts.installation(), api_key="", actor="test")
    assert "Not all checked yet" in text(ceo.get(SOURCE))


def test_calls_that_wait_at_the_agency_are_said_to_do_so(
    fetched: Any, northwind: Any, contoso: Any, ceo: Client
):
    services.add_alias(rep=fetched, address=CHLOES_ALIAS)
    services.create_rep(organization=contoso, name="Other", email=CHLOES_ALIAS)
    count = FathomMeeting.objects.filter(recorder=CHLOES_ALIAS).count()
    synced(installation(), reset=True)
    page = text(ceo.get(QUEUE))
    assert "The address is a rep in two organizations" in page
    assert f"{count} calls" in page
    assert "Contoso" not in page
    assert f"{count} calls wait at the agency" in text(ceo.get(SOURCE))


def test_another_organization_sees_nothing_of_it(fetched: Any, outsider: Client):
    for path in PAGES:
        page = text(outsider.get(path))
        assert "Chloe" not in page
        assert CHLOE not in page
        assert STRANGER not in page


# --- The ledger -----------------------------------------------------------------------------------
def test_the_map_has_a_row_per_rep_and_says_each_day_in_words(
    fetched: Any, ceo: Client, ops: Client
):
    page = text(ceo.get(DAYS))
    assert "Chloe Martin" in page
    assert "Not assigned" not in page
    staff = text(ops.get(f"{DAYS}?days=84"))
    assert "Not assigned" in staff
    assert "Recorder isn&#x27;t a rep" in staff
    assert "heat-warn" in staff


def test_a_missing_meeting_is_marked_and_said(fetched: Any, northwind: Any, ceo: Client):
    day = LedgerDay.objects.filter(organization=northwind).latest("day")
    LedgerDay.objects.filter(pk=day.pk).update(missing=2, here=0)
    page = text(ceo.get(f"{DAYS}?days=84"))
    assert page.count("heat-bad") == 2  # the square and the legend
    assert "2 missing" in page
    assert "Days with something missing" in page


def test_a_square_leads_to_that_days_records(
    fetched: Any, northwind: Any, ops: Client, ceo: Client, outsider: Client
):
    day = LedgerDay.objects.filter(organization=northwind, here__gt=0).latest("day")
    path = f"{RECORDS}?day={day.day}&amp;rep={fetched.pk}"
    assert f'href="{path}" tabindex="-1" data-drawer="records"' in text(ceo.get(f"{DAYS}?days=84"))
    page = text(ceo.get(path.replace("&amp;", "&")))
    title = FathomMeeting.objects.filter(day=day.day, rep=fetched).earliest("created_at").title
    assert title in page
    assert 'href="/calls/' in page
    assert title in text(ops.get(f"{RECORDS}?day={day.day}"))
    assert outsider.get(path.replace("&amp;", "&")).status_code == 404
    for query in ("", "day=x", "day=2026-01-01&rep=x", f"day=2026-01-01&rep={northwind.pk}"):
        assert ops.get(f"{RECORDS}?{query}").status_code == 404
    assert ops.get(f"{RECORDS}?day=2026-01-01&rep=none").status_code == 200


# --- The queue ------------------------------------------------------------------------------------
def test_the_queue_is_grouped_by_cause_and_address(fetched: Any, ops: Client):
    page = text(ops.get(QUEUE))
    waiting = FathomMeeting.objects.filter(recorder=STRANGER).count()
    assert "Recorder isn&#x27;t a rep" in page
    assert f'value="no_rep|{STRANGER}"' in page
    assert f'<td class="numeric" data-label="Calls">{waiting}</td>' in page


def test_whoever_only_looks_sees_the_queue_without_a_form_to_assign(fetched: Any, ops: Client):
    group = f"{ASSIGN}?group=no_rep%7C{STRANGER.replace('@', '%40')}"
    assert f'href="{group}"' in text(ops.get(QUEUE))
    assert "This will add" in text(ops.get(group))
    viewer = signed_in(people.staff("Operations viewer"))
    page = text(viewer.get(QUEUE))
    assert "Recorder isn&#x27;t a rep" in page
    assert 'name="group"' not in page
    page = text(viewer.get(group))
    assert "Calls that wait" in page
    assert "This will add" not in page
    form = {"rep": str(fetched.pk), "group": f"no_rep|{STRANGER}"}
    assert viewer.post(ASSIGN, form).status_code == 403


@pytest.mark.parametrize("remember", [False, True])
def test_what_waits_is_given_to_a_rep_and_taken_back(remember: bool, fetched: Any, ops: Client):
    count = FathomMeeting.objects.filter(recorder=STRANGER).count()
    before = Call.objects.filter(rep=fetched).count()
    group = {"group": f"no_rep|{STRANGER}"}
    assert f"This will add {count} calls." in text(ops.post(ASSIGN, group))
    assert Call.objects.filter(rep=fetched).count() == before
    form = {"rep": str(fetched.pk), **group} | ({"remember": "on"} if remember else {})

    page = text(ops.post(ASSIGN, form, follow=True))

    assert f"{count} calls are in the library now." in page
    assert Call.objects.filter(rep=fetched).count() == before + count
    assert not FathomMeeting.objects.filter(recorder=STRANGER).exclude(outcome="imported").exists()
    assert RepAlias.objects.filter(rep=fetched, normalized=STRANGER).exists() is remember

    made = Assignment.objects.get()
    undo = f"/sources/fathom/assignments/{made.pk}/undo"
    assert f'id="undo-{made.pk}" action="{undo}"' in page
    assert f'form="undo-{made.pk}"' in page
    page = text(ops.post(undo, follow=True))
    assert f"{count} calls wait again." in page
    assert f'value="no_rep|{STRANGER}"' in page
    assert Call.objects.filter(rep=fetched).count() == before
    assert not RepAlias.objects.filter(normalized=STRANGER).exists()
    assert ops.post(undo).status_code == 404


def test_an_address_of_somebody_who_left_cannot_be_remembered_for_another_and_the_form_says_so(
    fetched: Any, ops: Client
):
    left = services.create_rep(organization=fetched.organization, name="Sam", email=STRANGER)
    services.archive_rep(rep=left)
    form = {"rep": str(fetched.pk), "group": f"no_rep|{STRANGER}", "remember": "on"}
    assert "means Sam, who has left" in text(ops.post(ASSIGN, form))


@pytest.mark.parametrize(
    "group", ["", "no_rep|nobody@example.com", "no_rep|\0", "deleted|", "x" * 5000]
)
def test_a_group_that_is_not_there_changes_nothing(group: str, fetched: Any, ops: Client):
    calls = Call.objects.count()
    page = text(ops.post(ASSIGN, {"rep": str(fetched.pk), "group": group}, follow=True))
    assert "Choose at least one address." in page
    assert ops.get(ASSIGN, {"group": group}).status_code in (302, 400)
    assert Call.objects.count() == calls


def test_another_organization_has_none_of_it_to_give(fetched: Any, outsider: Client):
    page = text(
        outsider.post(ASSIGN, {"rep": str(fetched.pk), "group": f"no_rep|{STRANGER}"}, follow=True)
    )
    assert "Nothing of yours waits" in page
    assert FathomMeeting.objects.filter(recorder=STRANGER, outcome="skipped").exists()


# --- Trying addresses out -------------------------------------------------------------------------
def test_addresses_are_tried_out_before_they_are_saved(fetched: Any, ops: Client, ceo: Client):
    address = f"{TRYING}?rep={fetched.pk}"
    assert "Addresses beside their own" in text(ops.get(address))
    gained = FathomMeeting.objects.filter(recorder=CHLOES_ALIAS).count()
    page = ops.post(address, {"aliases": CHLOES_ALIAS, "what": "try"})
    assert (page.context["found"].gained, page.context["found"].lost) == (gained, 0)
    assert "Save addresses" in text(page)
    assert not RepAlias.objects.filter(normalized=CHLOES_ALIAS).exists()
    assert ops.post(address, {"aliases": "no address", "what": "try"}).context["form"].errors
    assert ops.post(address, {"aliases": CHLOES_ALIAS, "what": "save"}).status_code == 302
    assert RepAlias.objects.filter(rep=fetched, normalized=CHLOES_ALIAS).exists()
    manager = signed_in(people.member("MANAGER", fetched.organization, "manager"))
    assert manager.post(address, {"aliases": "", "what": "save"}).status_code in (403, 404)
    assert "aria-invalid" not in text(ceo.get(f"{TRYING}?rep=nobody"))


def test_tries_are_counted_together_with_those_of_other_pages_and_the_api(
    fetched: Any, ops: Client, monkeypatch: Any
):
    monkeypatch.setattr(rep_addresses, "TRIES_PER_MINUTE", 2)
    form = {"aliases": "theo@example.com", "what": "try"}
    answers = [ops.post(f"{TRYING}?rep={fetched.pk}", form) for _turn in range(3)]
    assert ["found" in answer.context for answer in answers] == [True, True, False]
    assert "tried often enough" in text(answers[-1])


# --- Addresses ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/settings/fathom/sync/ledger?days=84", f"{DAYS}?days=84"),
        ("/settings/fathom/sync/waiting", QUEUE),
    ],
)
def test_where_it_was_leads_to_where_it_is(old: str, new: str, ceo: Client):
    assert ceo.get(old)["Location"] == new


@pytest.mark.parametrize("path", PAGES)
def test_whoever_runs_an_organization_has_the_pages_and_nobody_else(
    path: str, northwind: Any, ops: Client, ceo: Client
):
    manager = signed_in(people.member("MANAGER", northwind, "manager"))
    assert [client.get(path).status_code for client in (ops, ceo, manager)] == [200, 200, 200]
    for role in ("CLOSER", "SETTER"):
        assert signed_in(people.member(role, northwind, role.lower())).get(path).status_code == 404
    assert Client().get(path).status_code == 302


# --- What it costs --------------------------------------------------------------------------------
@pytest.mark.parametrize(("path", "most"), [(SOURCE, 15), (DAYS, 17), (QUEUE, 11), (TRYING, 9)])
def test_each_page_asks_the_database_a_fixed_number_of_times(
    path: str, most: int, fetched: Any, ops: Client, django_assert_max_num_queries: Any
):
    ops.get(path)
    with django_assert_max_num_queries(most):
        ops.get(path)

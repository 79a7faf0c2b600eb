"""Settings → Fathom link: for whom there is such a page, what it shows, what its buttons do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import settings_store
from core.masking import Secret
from core.models import AuditEvent, VendorAccount
from core.redis import connection as redis_connection
from core.signin import roles
from crm import services
from crm.models import SalesRep
from fathom_sync import accounts
from fathom_sync.accounts import config
from fathom_sync.models import FathomAccount
from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.people import member, organization, person, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db

PATH = "/settings/fathom"
KEY, OTHER = DEMO_KEYS[0], DEMO_KEYS[1]
WRONG = "a-key-that-fathom-never-gave"
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    for key in redis_connection().scan_iter("koppel:quota:*"):
        redis_connection().delete(key)
    return sandbox


@pytest.fixture
def world():
    return World()


def browser(user):
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="core.signin.Backend")
    return client


def html(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_there_is_such_a_page_for_owners_reps_and_staff_and_for_nobody_else(world):
    statuses = {role: browser(user).get(PATH).status_code for role, user in world.users.items()}
    assert statuses == {"CEO": 200, "ADMIN": 200, "CLOSER": 200, "MANAGER": 404, "SETTER": 404}
    assert browser(person()).get(PATH).status_code == 404
    for group in roles.ROLES:
        assert browser(staff(group)).get(PATH).status_code == 200
    shown = {
        role: 'href="/settings/fathom"' in html(browser(user).get("/settings/profile"))
        for role, user in world.users.items()
    }
    assert shown == {"CEO": True, "ADMIN": True, "CLOSER": True, "MANAGER": False, "SETTER": False}


def test_another_organizations_account_is_not_there(world):
    other = World("Contoso", prefix="c")
    for role in ("CEO", "ADMIN", "CLOSER"):
        client = browser(world.users[role])
        for query in (f"organization={other.organization.pk}", "organization=x", "rep=x"):
            assert client.get(f"{PATH}?{query}").status_code == 404
            assert client.post(f"{PATH}/test?{query}", {"api_key": KEY}).status_code == 404
    assert (
        browser(world.users["CEO"]).post(f"{PATH}?rep={other.rep.pk}", {"api_key": KEY}).status_code
        == 404
    )
    assert accounts.configured() == []


def test_the_badge_says_the_three_states_and_since_when(world):
    account, client = accounts.account_for(world.organization), browser(world.users["CEO"])
    assert "Not set up yet" in html(client.get(PATH))
    accounts.save(account, api_key=KEY, actor="a test")
    assert "Not tested yet" in html(client.get(PATH))
    accounts.say_status(account, "connected", tested=True)
    VendorAccount.objects.filter(pk=account.pk).update(
        last_checked_at=timezone.now() - timedelta(minutes=9)
    )
    page = html(client.get(PATH))
    assert "Connected" in page
    assert "9 minutes ago" in page
    accounts.say_status(account, "error")
    assert "Connection failed" in html(client.get(PATH))


def test_saving_stores_tries_and_says_so(world):
    client = browser(world.users["CEO"])
    answer = client.post(PATH, {"api_key": KEY, "webhook_secret": SECRET}, follow=True)
    account = accounts.account_for(world.organization)
    page = html(answer)
    assert "Configuration updated successfully" in page
    assert (accounts.api_key(account), accounts.webhook_secret(account)) == (
        Secret(KEY),
        Secret(SECRET),
    )
    assert str(accounts.status(account)) == "connected"
    assert KEY not in page
    assert SECRET not in page
    page = html(client.post(PATH, {"api_key": WRONG}, follow=True))
    assert "The new key does not work, so the present one stays in use: Invalid API key" in page
    assert "Connected" in page
    assert accounts.api_key(account) == Secret(KEY)


def test_a_first_key_that_does_not_work_is_kept_and_said_not_to(world):
    client = browser(world.users["CEO"])
    page = html(client.post(PATH, {"api_key": WRONG}, follow=True))
    assert "The key is saved, but the connection failed" in page
    assert "Connection failed" in page
    assert "A new key waits" not in page


def test_a_new_key_that_does_not_work_waits_and_is_used_or_discarded(world):
    client, account = browser(world.users["CEO"]), accounts.account_for(world.organization)
    client.post(PATH, {"api_key": KEY}, follow=True)
    answer = client.post(PATH, {"api_key": WRONG}, follow=True)
    assert "A new key waits" in html(answer)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    assert "The new key is discarded." in html(
        client.post(f"{PATH}/waiting", {"what": "discard"}, follow=True)
    )
    assert "A new key waits" not in html(client.get(PATH))
    client.post(PATH, {"api_key": WRONG})
    page = html(client.post(f"{PATH}/waiting", {"what": "use"}, follow=True))
    assert "Saved, but the connection failed: Invalid API key" in page
    assert "A new key waits" not in page
    assert (accounts.api_key(account), str(accounts.status(account))) == (Secret(WRONG), "error")
    # What is used where nothing waits changes nothing.
    client.post(f"{PATH}/waiting", {"what": "use"})
    assert accounts.api_key(account) == Secret(WRONG)


def test_who_may_only_look_decides_nothing_of_what_waits(world):
    ops, viewer = browser(staff()), browser(staff(roles.OPERATIONS_VIEWER))
    ops.post(PATH, {"api_key": KEY})
    ops.post(PATH, {"api_key": WRONG})
    page = html(viewer.get(PATH))
    assert "A new key waits" in page
    assert "Use it anyway" not in page
    for what in ("use", "discard"):
        assert viewer.post(f"{PATH}/waiting", {"what": what}).status_code == 403
    assert accounts.api_key(accounts.installation()) == Secret(KEY)
    assert "A new key waits" in html(ops.get(PATH))


def test_what_is_left_empty_stays(world):
    account, client = accounts.account_for(world.organization), browser(world.users["CEO"])
    accounts.save(account, api_key=KEY, actor="a test")
    client.post(PATH, {"api_key": "", "webhook_secret": SECRET})
    assert (accounts.api_key(account), accounts.webhook_secret(account)) == (
        Secret(KEY),
        Secret(SECRET),
    )
    client.post(PATH, {"api_key": OTHER, "webhook_secret": ""})
    assert (accounts.api_key(account), accounts.webhook_secret(account)) == (
        Secret(OTHER),
        Secret(SECRET),
    )


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Paste the API key."),
        ({"api_key": "short"}, "at least 20 characters"),
        ({"api_key": "•" * 18}, "none is stored here"),
        ({"api_key": "\x00" * 30}, "Null characters are not allowed"),
        ({"api_key": KEY, "webhook_secret": "no"}, "A webhook secret begins with"),
    ],
)
def test_what_is_not_right_is_said_and_nothing_is_stored(world, sent, words):
    page = html(browser(world.users["CEO"]).post(PATH, sent))
    assert words in page
    assert accounts.api_key(accounts.account_for(world.organization)) is None


def test_who_may_only_look_sees_no_form_and_changes_nothing(world):
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    client = browser(staff(roles.OPERATIONS_VIEWER))
    page = html(client.get(PATH))
    assert "koppel-..._0001" in page
    assert "fathom-form" not in page
    assert client.post(PATH, {"api_key": OTHER}).status_code == 403
    for act in ("test", "remove", "webhook"):
        assert client.post(f"{PATH}/{act}").status_code == 403
    assert accounts.api_key(accounts.installation()) == Secret(KEY)


def test_removing_takes_key_and_secret_or_the_secret_alone(world):
    account, client = accounts.account_for(world.organization), browser(world.users["CEO"])
    accounts.save(account, api_key=KEY, webhook_secret=SECRET, actor="a test")
    client.post(f"{PATH}/remove", {"what": "secret"})
    assert (accounts.api_key(account), accounts.webhook_secret(account)) == (Secret(KEY), None)
    client.post(f"{PATH}/remove")
    assert accounts.api_key(account) is None


def test_the_test_on_the_page_and_the_one_of_the_api_share_their_limit(world):
    client = browser(world.users["CEO"])
    settings_store.put(config.TESTS_PER_MINUTE, "1", actor="a test")
    htmx = {"HX-Request": "true"}
    assert "Connection successful!" in html(
        client.post(f"{PATH}/test", {"api_key": KEY}, headers=htmx)
    )
    answer = client.post(f"{PATH}/test", {"api_key": KEY}, headers=htmx)
    assert "tried often enough" in html(answer)
    assert "koppel:toast" in answer["HX-Trigger"]
    assert AuditEvent.objects.filter(action="connection.tested").count() == 1


def test_without_scripts_the_test_says_its_result_on_the_page(world):
    page = html(browser(world.users["CEO"]).post(f"{PATH}/test", {"api_key": KEY}, follow=True))
    assert "Connection successful!" in page


def test_the_webhook_is_turned_on_and_off_and_faults_are_said(world, fathom):
    client = browser(world.users["CEO"])
    accounts.save(accounts.account_for(world.organization), api_key=KEY, actor="a test")
    assert "Turn off" in html(client.post(f"{PATH}/webhook", follow=True))
    assert "Turn on" in html(client.post(f"{PATH}/webhook", {"what": "remove"}, follow=True))
    fathom.fault("fathom", "error")
    page = html(client.post(f"{PATH}/webhook", follow=True))
    assert "Fathom cannot be reached" in page
    assert "Fathom may have one that Koppel does not know" in page
    assert not FathomAccount.objects.exclude(webhook_id="").exists()


def test_a_webhook_of_the_key_before_is_said_to_be_left_at_fathom(world, fathom):
    client, warned = browser(staff()), "It was made with another key"
    client.post(PATH, {"api_key": KEY})
    client.post(f"{PATH}/webhook")
    assert warned not in html(client.get(PATH))
    assert "The webhook at Fathom was made with the earlier key" in html(
        client.post(PATH, {"api_key": OTHER}, follow=True)
    )
    assert warned in html(client.get(PATH))
    page = html(client.post(f"{PATH}/webhook", {"what": "remove"}, follow=True))
    assert "Koppel has let go of the webhook, but could not remove it at Fathom" in page
    assert "Fathom may have one that Koppel does not know" in page
    assert "New calls come with the next sync again." not in page
    assert len(fathom.act("fathom", "webhooks")) == 1


def test_an_organization_that_the_installation_serves_is_told_so(world):
    client = browser(world.users["CEO"])
    assert "come in through the agency" not in html(client.get(PATH))
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    page = html(client.get(PATH))
    assert "come in through the agency" in page
    assert "koppel-..." not in page


def test_the_questions_are_answered_for_whoever_is_signed_in(world):
    page = html(browser(world.users["SETTER"]).get("/settings/faq"))
    for anchor in ("api-key", "status", "missing", "when", "several", "trouble"):
        assert f'id="{anchor}"' in page
        assert f'href="#{anchor}"' in page


def test_the_page_asks_the_database_no_more_for_many_reps_than_for_one(
    world, django_assert_num_queries
):
    client = browser(world.users["CEO"])
    _reps_with_keys(world, 1)
    client.get(PATH)
    with CaptureQueriesContext(connection) as queries:
        client.get(PATH)
    _reps_with_keys(world, 20)
    with django_assert_num_queries(len(queries)):
        html(client.get(PATH))


def _reps_with_keys(world, count):
    for _ in range(count):
        name = f"Rep {SalesRep.objects.count()}"
        rep = services.create_rep(
            name=name, email=f"{name.replace(' ', '')}@example.com", organization=world.organization
        )
        accounts.save(accounts.account_for(rep), api_key=KEY, actor="a test")


def test_a_person_of_no_role_there_is_not_a_rep_of_it():
    theirs = organization()
    assert browser(member("CLOSER", theirs)).get(PATH).status_code == 404

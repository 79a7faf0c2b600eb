"""Fathom accounts in the management portal: keys go in and never out,
each change is audited, owners stay.
"""

import pytest

from core.masking import Secret
from core.models import AuditEvent, VendorSecret
from fathom_sync import accounts
from fathom_sync.models import FathomAccount
from tests.support.people import organization, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db

LIST = "/admin/fathom_sync/fathomaccount/"
KEY, OTHER = "4jmc-aeVc.fathom_key-xvKAs", "another.fathom-key_0123456789"
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"


@pytest.fixture
def ops(client):
    client.force_login(staff(), backend="core.signin.Backend")
    return client


def change(account):
    return f"{LIST}{account.pk}/change/"


def test_a_key_is_written_replaced_kept_and_removed_and_never_shown(ops):
    account = accounts.installation()
    assert (
        ops.post(
            change(account), {"label": "", "api_key": KEY, "webhook_secret": SECRET}
        ).status_code
        == 302
    )
    assert (accounts.api_key(account), accounts.webhook_secret(account)) == (
        Secret(KEY),
        Secret(SECRET),
    )
    page = ops.get(change(account)).content.decode()
    assert KEY not in page
    assert SECRET not in page
    ops.post(change(account), {"label": "Main", "api_key": "", "webhook_secret": ""})
    assert accounts.api_key(account) == Secret(KEY)
    ops.post(change(account), {"label": "Main", "api_key": OTHER, "webhook_secret-remove": "on"})
    assert (accounts.api_key(account), accounts.webhook_secret(account)) == (Secret(OTHER), None)
    assert AuditEvent.objects.filter(action="key.changed", facts__key="fathom_api_key").count() == 2


def test_what_cannot_be_a_key_is_refused_and_not_shown_again(ops):
    account = accounts.installation()
    answer = ops.post(
        change(account), {"label": "", "api_key": "short-key-that", "webhook_secret": "nonsense"}
    )
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "at least 20 characters" in page
    assert "short-key-that" not in page
    assert not VendorSecret.objects.exists()


def test_a_reps_account_is_added_with_its_organization_only(ops):
    world, other = World(), organization("Contoso")
    wrong = {"organization": str(other.pk), "rep": str(world.rep.pk), "api_key": KEY}
    assert (
        "Choose the organization of this rep too."
        in ops.post(f"{LIST}add/", wrong).content.decode()
    )
    assert not FathomAccount.objects.exists()
    assert (
        ops.post(f"{LIST}add/", {**wrong, "organization": str(world.organization.pk)}).status_code
        == 302
    )
    account = FathomAccount.objects.get()
    assert accounts.api_key(account) == Secret(KEY)
    ops.post(change(account), {"organization": str(other.pk), "rep": "", "label": "x"})
    account.refresh_from_db()
    assert (account.organization, account.rep) == (world.organization, world.rep)


def test_a_second_account_of_one_owner_is_refused_in_words(ops):
    accounts.installation()
    answer = ops.post(f"{LIST}add/", {"label": "again", "api_key": KEY})
    assert answer.status_code == 200
    assert FathomAccount.objects.count() == 1


def test_an_account_is_removed_with_its_key_and_that_is_audited(ops):
    theirs = organization()
    account = accounts.account_for(theirs)
    accounts.save(account, api_key=KEY, actor="a test")
    ops.post(f"{LIST}{account.pk}/delete/", {"post": "yes"})
    assert not FathomAccount.objects.exists()
    assert not VendorSecret.objects.exists()
    assert (
        AuditEvent.objects.filter(action="setting.removed", facts__key="fathom_account").count()
        == 1
    )


def test_one_with_a_webhook_at_fathom_stays_until_that_is_removed(ops):
    account = accounts.installation()
    FathomAccount.objects.update(webhook_id="wh_1")
    ops.post(f"{LIST}{account.pk}/delete/", {"post": "yes"})
    ops.post(
        LIST, {"action": "delete_selected", "_selected_action": [str(account.pk)], "post": "yes"}
    )
    assert FathomAccount.objects.filter(pk=account.pk).exists()

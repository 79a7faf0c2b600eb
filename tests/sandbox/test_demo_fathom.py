"""The trial's Fathom: a key for the installation alone, and meetings of every kind of recorder."""

import pytest

from crm.models import RepAlias, SalesRep
from fathom_sync import accounts
from fathom_sync.models import FathomAccount
from sandbox import demo
from sandbox.vendors.fathom import DEMO_KEYS
from sandbox.vendors.fathom.cast import RECORDERS


@pytest.mark.django_db
def test_the_trial_has_a_key_for_the_installation_alone(settings):
    settings.FATHOM_API_BASE_URL = "http://127.0.0.1:8100/fathom/external/v1"
    demo.load("koppel-demo")

    account = FathomAccount.objects.get()
    assert (account.organization_id, account.rep_id) == (None, None)
    assert accounts.api_key(account).reveal() == DEMO_KEYS[0]

    accounts.save(account, api_key="another.key-of-a-persons-own", actor="ops")
    demo.load("koppel-demo")
    assert accounts.api_key(account).reveal() == "another.key-of-a-persons-own"


@pytest.mark.django_db
def test_the_trial_of_a_vendors_real_address_has_no_key(settings):
    settings.FATHOM_API_BASE_URL = "https://api.fathom.ai/external/v1"
    demo.load("koppel-demo")

    assert accounts.api_key(accounts.installation()) is None


@pytest.mark.django_db
def test_the_recorders_are_reps_aliases_archived_in_two_organizations_and_nobody():
    demo.load("koppel-demo")

    found = {}
    for recorder in RECORDERS:
        rows = RepAlias.objects.filter(normalized=recorder.email.lower()).select_related("rep")
        found[recorder.email] = [(row.is_main, row.rep.archived_at is not None) for row in rows]
    assert found["chloe.martin@example.com"] == [(True, False)]
    assert found["C.Martin@Example.com"] == [(False, False)]
    assert found["ruben.smit@example.com"] == [(True, True)]
    assert found["lena.fischer@example.com"] == [(True, False), (True, False)]
    assert [address for address, rows in found.items() if not rows] == [
        "anna.kowalska@example.com",
        "nadia@freelance.example",
        "room4@example.com",
    ]
    assert SalesRep.objects.exclude(archived_at=None).count() == 1

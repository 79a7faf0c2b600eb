"""`sync_fathom` and `reconcile_fathom`: what they say, and with which number they end."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.models import Run
from fathom_sync.models import FathomMeeting
from tests.fathom_sync.cast import installation, point_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=40)
    return sandbox


def said(command, **options):
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def refused(command, **options):
    with pytest.raises(CommandError) as error:
        said(command, **options)
    return error.value.returncode, str(error.value)


def test_a_sync_says_what_came_of_it():
    installation()
    text = said("sync_fathom")
    assert text.endswith("40 processed, 0 imported, 0 updated, 40 skipped, 0 errors\n")
    assert "[##############################] 40 meetings, succeeded" in text


def test_a_check_says_what_is_there_and_here():
    installation()
    said("sync_fathom")
    assert "Installation: 40 at Fathom, 0 here, 40 skipped, 0 errors, 0 missing" in said("reconcile_fathom", days=3650)


@pytest.mark.parametrize("command", ["sync_fathom", "reconcile_fathom"])
def test_without_a_key_it_ends_with_2(command):
    assert refused(command)[0] == 2


def test_numbers_out_of_range_end_with_2_and_start_nothing():
    installation()
    assert refused("sync_fathom", hours=0)[0] == 2
    assert refused("reconcile_fathom", days=0)[0] == 2
    assert not Run.objects.exists()


@pytest.mark.parametrize("command", ["sync_fathom", "reconcile_fathom"])
def test_a_refused_key_ends_with_1_and_says_what_to_do(command, fathom):
    installation()
    fathom.turn("fathom", revoked=["koppel-demo.fathom-key_0001"])
    assert refused(command) == (1, "Fathom does not accept the key. Enter a valid one and test the connection.")
    assert not FathomMeeting.objects.exists()

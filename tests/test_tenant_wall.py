"""No address shows, changes or admits the existence of another organization's things.

Every address is declared here once; one that is not fails the test. For each address × role ×
method: what belongs to the other organization is 404 (or refused before it is looked for), its
words are in no answer, and it stays as it was.
"""

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from crm.models import Member
from tests.support import (
    call_work_walls,
    home_walls,
    integration_walls,
    meeting_walls,
    people_walls,
    source_walls,
    staff_only,
    team_walls,
)
from tests.support.addresses import Address, every_address
from tests.support.other import WORD, Other
from tests.support.people import member, organization
from tests.support.staff_only import STAFF
from tests.support.visitor import Visitor
from tests.toy.vendor import TOY

pytestmark = pytest.mark.django_db

# Answers anybody, and about nobody.
PUBLIC = {
    "healthz",
    "readyz",
    "metrics",
    "api_schema",
    "api_docs",
    "api_token",
    "api_token_refresh",
    "api_logout",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "dashboard:set_language",
    "dashboard:set_theme",
    "dashboard:set_density",
    *(f"dashboard:styleguide{part}" for part in ("", "_drawer", "_people")),
    "dashboard:invitation",  # for whoever holds the link
    "dashboard:guest_call",  # likewise
    "api_guest_join",  # likewise
    "dashboard:logo",  # for whoever was told its digest
}
# About the person who asks, or lists cut at the wall: signed in only.
OWN = {
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "api_me",
    "api_runs",
    *home_walls.OWN,
    "dashboard:runs",
    "dashboard:profile",
    "dashboard:schedule",
    "dashboard:switch_organization",
    "dashboard:search",
    "dashboard:search_hits",
    "dashboard:shortcuts",
    "dashboard:organizations",
    "api_search",
    "dashboard:calls",
    "dashboard:call_export",
    "dashboard:call_statistics",
    "dashboard:statistics_export",
    "dashboard:call_settings",
    "dashboard:reps",
    "dashboard:rep_options",
    "dashboard:fathom_sync",
    "dashboard:fathom_sync_live",
    "api_organization",
    "api_reps",
    "api_teams",
    "api_leads",
    "api_contacts",
    "api_appointments",
    "api_calls",
    "api_call_appointments",
    "api_call_settings",
    "api_call_statistics",
    "api_fathom_settings",
    "api_fathom_test",
    "api_fathom_webhook",
    "dashboard:fathom_link",
    "dashboard:fathom_link_test",
    "dashboard:fathom_link_remove",
    "dashboard:fathom_link_waiting",
    "dashboard:fathom_link_webhook",
    "dashboard:faq",
    "dashboard:account",
    "dashboard:account_live",
    "dashboard:account_test",
    "dashboard:account_waiting",
    "dashboard:account_remove",
    "dashboard:account_fetch",
    "api_fathom_cron",
    "api_fathom_sync",
    "api_fathom_ledger",
    "api_fathom_unmatched",
    "api_fathom_assign",
    "api_fathom_simulate",
    *integration_walls.OWN,
    *people_walls.OWN,
    *source_walls.OWN,
    *team_walls.OWN,
    *meeting_walls.OWN,
}
# The parameter that names no thing of anybody's: a vendor that both organizations may
# have an account at.
VENDOR = {"vendor": TOY.key}
# One thing of an organization: its parameters, made for the other organization.
THINGS: dict[str, Callable[["Other"], dict[str, Any]]] = {
    "api_run": lambda other: {"run_id": other.run.pk},
    "api_run_cancel": lambda other: {"run_id": other.run.pk},
    "dashboard:run": lambda other: {"run_id": other.run.pk},
    "dashboard:run_live": lambda other: {"run_id": other.run.pk},
    "dashboard:rep": lambda other: {"rep_id": other.world.rep.pk},
    "dashboard:rep_refresh": lambda other: {"rep_id": other.world.rep.pk},
    "dashboard:rep_refreshed": lambda other: {"rep_id": other.world.rep.pk},
    "dashboard:run_cancel": lambda other: {"run_id": other.run.pk},
    "api_rep": lambda other: {"record_id": other.world.rep.pk},
    "api_team": lambda other: {"record_id": other.world.team.pk},
    "api_lead": lambda other: {"record_id": other.world.lead.pk},
    "api_contact": lambda other: {"record_id": other.world.contact.pk},
    "api_appointment": lambda other: {"record_id": other.world.appointment.pk},
    "api_call": lambda other: {"call_id": other.world.call.pk},
    "api_call_transcript": lambda other: {"call_id": other.world.call.pk},
    "api_member": lambda other: {"member_id": other.world.members["CLOSER"].pk},
    "api_invitation": lambda other: {"invitation_id": other.world.invitation.pk},
    "api_call_join": lambda other: {"appointment_id": other.world.appointment.pk},
    "api_call_join_as_before": lambda other: {"appointment_id": other.world.appointment.pk},
    "api_guest_invitations": lambda other: {"appointment_id": other.world.appointment.pk},
    "api_guest_invitation": lambda other: {
        "appointment_id": other.world.appointment.pk,
        "invitation_id": other.guest.pk,
    },
    **team_walls.THINGS,
    **call_work_walls.THINGS,
    **integration_walls.THINGS,
    **people_walls.THINGS,
    **source_walls.THINGS,
    **meeting_walls.THINGS,
}
# An ADMIN is internal: in people and their work there is no wall for that role
# (crm.access), and only there.
NO_WALL_FOR_ADMIN = {
    *(source_walls.NO_WALL_FOR_ADMIN | integration_walls.NO_WALL_FOR_ADMIN),
    "api_runs",
    "api_run",
    "api_run_cancel",
    "dashboard:run",
    "dashboard:run_live",
    "dashboard:run_cancel",
    "api_organization",
    *team_walls.NO_WALL_FOR_ADMIN,
    "api_reps",
    "api_rep",
    "api_teams",
    "api_team",
    "api_leads",
    "api_lead",
    "api_contacts",
    "api_contact",
    "api_appointments",
    "api_appointment",
    "api_calls",
    "api_call_appointments",
    "api_call_settings",
    "api_fathom_settings",
    "dashboard:rep",
    "dashboard:rep_refresh",
    "dashboard:rep_refreshed",
    *meeting_walls.NO_WALL_FOR_ADMIN,
    *people_walls.NO_WALL_FOR_ADMIN,
    *call_work_walls.NO_WALL_FOR_ADMIN,
}
# Those that speak of another organization where `?organization=` names one.
TAKE_ANOTHER = {
    "api_organization",
    "api_members",
    "api_invitations",
    "api_call_settings",
    "api_fathom_settings",
}
TAKE_ANOTHER |= meeting_walls.TAKE_ANOTHER
# What is there to be done and not to be looked at: how it shows to its own people that it is there.
DONE_ONLY = {
    "api_run_cancel": ("POST", 200),
    "dashboard:run_cancel": ("POST", 302),
    "dashboard:rep_refresh": ("POST", 302),
    **call_work_walls.DONE_ONLY,
    **integration_walls.DONE_ONLY,
    **people_walls.DONE_ONLY,
    **source_walls.DONE_ONLY,
    **team_walls.DONE_ONLY,
    **meeting_walls.DONE_ONLY,
}
# What an answer says instead, to those on its side of the wall.
ANSWERS_WITHOUT_THE_WORD: dict[str, tuple[str, ...]] = {
    "api_call_settings": ("retentionDays",),
    **team_walls.ANSWERS_WITHOUT_THE_WORD,
    "api_sources": ("[",),  # nothing of theirs is connected
    "dashboard:rep_refreshed": ('id="rep-refresh"',),  # nothing is being fetched
    **meeting_walls.ANSWERS_WITHOUT_THE_WORD,
    **people_walls.ANSWERS_WITHOUT_THE_WORD,
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OURS = [
    address
    for address in every_address()
    if not address.is_admin and "/webhooks/" not in address.path
]
ROLES = list(Member.Role.values)


def walled(names: Iterable[str], role: str) -> list[Address]:
    """Return the addresses of these names at which this role stands before the wall."""
    open_to_admin = NO_WALL_FOR_ADMIN if role == "ADMIN" else set()
    return [
        address for address in OURS if address.name in names and address.name not in open_to_admin
    ]


@pytest.fixture
def other(settings) -> Other:
    # So that there is a way to a recording; nobody goes it.
    settings.RECORDINGS_S3_BUCKET = "calls"
    settings.RECORDINGS_S3_ENDPOINT = "http://127.0.0.1:9"
    settings.RECORDINGS_S3_ACCESS_KEY = settings.RECORDINGS_S3_SECRET_KEY = "of-no-value"
    return Other()


def names(address: Address) -> str:
    return f"{address.name} {address.path}"


@pytest.mark.parametrize("address", OURS, ids=names)
def test_every_address_is_declared(address):
    homes = [address.name in kind for kind in (PUBLIC, OWN, THINGS, STAFF)]
    assert homes.count(True) == 1, (
        f"declare {address.name} ({address.path}) in tests/test_tenant_wall.py, once"
    )
    if address.name in THINGS:
        assert address.parameters


@pytest.mark.parametrize("role", ROLES)
def test_another_organizations_thing_is_404_for_every_role(role, other, subtests):
    visitor = Visitor(member(role, organization()))
    before = other.state()
    for address in walled(THINGS, role):
        path = address.fill(**THINGS[address.name](other))
        for method in METHODS:
            with subtests.test(f"{method} {path}"):
                answer = visitor.ask(address, method, path)
                assert answer.status_code in (404, 405)
                assert WORD not in answer.content.decode()
        with subtests.test(f"{path} is as it was"):
            assert other.state() == before


@pytest.mark.parametrize(
    "address", [address for address in OURS if address.name in THINGS], ids=names
)
def test_its_own_people_do_see_it(address, other):
    visitor = Visitor(other.chief)
    path = address.fill(**THINGS[address.name](other))
    if address.name in DONE_ONLY:
        method, status = DONE_ONLY[address.name]
        assert visitor.ask(address, method, path).status_code == status
        return
    statuses = {visitor.ask(address, method, path).status_code for method in ("GET", "POST")}
    assert statuses & {200, 202, 302}
    assert 404 not in statuses


@pytest.mark.parametrize("role", ROLES)
def test_no_list_and_no_page_says_a_word_of_the_other_organization(role, other, subtests):
    visitor, own = Visitor(member(role, organization())), other.organization.pk
    for address in walled(OWN | PUBLIC, role):
        path = address.fill(**dict.fromkeys(address.parameters, "x") | VENDOR)
        # One at a time: a list refuses a filter that it does not have, and would say nothing
        # for that reason alone.
        for query in ("", f"?organization={own}", f"?organizationId={own}", f"?search={WORD[:4]}"):
            with subtests.test(path + query):
                answer = visitor.ask(address, "GET", path + query)
                assert answer.status_code < 500 or address.name == "readyz"
                assert WORD not in answer.content.decode()
    # Nothing on the way has signed them out.
    assert visitor.pages.get("/").status_code == visitor.api.get("/api/me").status_code == 200


@pytest.mark.parametrize("role", ROLES)
def test_another_organization_in_the_address_is_404_like_one_that_is_not(role, other, subtests):
    visitor = Visitor(member(role, organization()))
    before = other.state()
    for address in walled(TAKE_ANOTHER, role):
        for method, named in product(METHODS, (other.organization.pk, uuid4())):
            with subtests.test(f"{method} {address.path} {named}"):
                answer = visitor.ask(address, method, f"{address.path}?organization={named}")
                assert answer.status_code in (404, 405)
        with subtests.test(address.path):
            path = f"{address.path}?organization={other.organization.pk}"
            assert visitor.ask(address, "GET", path).status_code == 404
            assert visitor.ask(address, "GET", f"{address.path}?organization=x").status_code == 400
            assert other.state() == before


def test_a_stranger_is_sent_to_the_door(other, subtests):
    for address in OURS:
        if address.name in PUBLIC:
            continue
        visitor = Visitor(None)
        parameters = dict.fromkeys(address.parameters, "x") | VENDOR
        if address.name in THINGS:
            parameters = THINGS[address.name](other)
        path = staff_only.filled(address) if address.name in STAFF else address.fill(**parameters)
        for method in METHODS:
            with subtests.test(f"{method} {path}"):
                answer = visitor.ask(address, method, path)
                assert answer.status_code in (
                    (401, 405) if address.is_api else (302, 403, 404, 405)
                )
                assert answer.status_code != 302 or "/sign-in" in answer["Location"]
                assert WORD not in answer.content.decode()


def test_an_admin_is_on_both_sides_of_the_wall(other):
    visitor = Visitor(member("ADMIN", organization()))
    for address in OURS:
        if address.name in NO_WALL_FOR_ADMIN - DONE_ONLY.keys():
            path = address.fill(**THINGS.get(address.name, lambda _other: {})(other))
            query = f"?organization={other.organization.pk}" if address.name in TAKE_ANOTHER else ""
            answer = visitor.ask(address, "GET", path + query)
            assert answer.status_code in (200, 302), path
            text = answer.content.decode() + answer.get("Location", "")
            known = (
                WORD,
                str(other.world.appointment.pk),
                *ANSWERS_WITHOUT_THE_WORD.get(address.name, ()),
            )
            assert any(word in text for word in known), path


def test_the_word_is_there_to_be_seen_by_those_inside(other):
    """Without this the tests above could pass on empty pages."""
    visitor = Visitor(other.chief)
    assert WORD in visitor.api.get("/api/runs").content.decode()
    assert WORD in visitor.api.get("/api/me").content.decode()
    assert WORD in visitor.pages.get("/runs").content.decode()
    assert WORD in visitor.pages.get("/settings/accounts/toy").content.decode()

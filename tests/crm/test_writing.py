"""Who may write what, generated from each role; and what is written stays in the writer's sight."""

import uuid
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.models import AuditEvent
from core.signin import roles
from crm import access, services
from crm.models import Appointment, Contact, Lead, Member, SalesRep, Team
from tests.support.people import assert_error, client_of, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db
KINDS: dict[str, Any] = {
    "reps": SalesRep,
    "teams": Team,
    "leads": Lead,
    "contacts": Contact,
    "appointments": Appointment,
}
# kind -> act -> the roles that may; the others that see the row get 403.
MAY: dict[str, dict[str, set[str]]] = {
    "reps": {"add": {"CEO", "ADMIN"}, "change": {"CEO", "ADMIN"}, "delete": {"CEO", "ADMIN"}},
    "teams": {"add": {"CEO", "ADMIN"}, "change": {"CEO", "ADMIN"}, "delete": {"CEO", "ADMIN"}},
    "leads": {
        "add": {"CEO", "ADMIN", "MANAGER", "SETTER"},
        "change": {"CEO", "ADMIN", "MANAGER"},
        "status": {"CEO", "ADMIN", "MANAGER", "CLOSER", "SETTER"},
        "delete": {"CEO", "ADMIN", "MANAGER"},
    },
    "contacts": {
        "add": {"CEO", "ADMIN", "MANAGER", "CLOSER", "SETTER"},
        "change": {"CEO", "ADMIN", "MANAGER", "CLOSER", "SETTER"},
        "delete": {"CEO", "ADMIN", "MANAGER"},
    },
    "appointments": {
        "add": {"CEO", "ADMIN", "MANAGER", "SETTER"},
        "change": {"CEO", "ADMIN", "MANAGER"},
        "status": {"CEO", "ADMIN", "MANAGER", "CLOSER", "SETTER"},
        "delete": {"CEO", "ADMIN", "MANAGER"},
    },
}


@pytest.fixture
def world() -> World:
    return World()


def body_for(kind: str, world: World, role: str) -> dict[str, Any]:
    now = timezone.now()
    # A setter has no team of their own to name; a manager has to, or would not see what they made.
    team = {} if role == "SETTER" else {"teamId": str(world.team.pk)}
    times = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
    return {
        "reps": {"name": "Ada", "email": "ada@example.com"},
        "teams": {"name": "North"},
        "leads": {"name": "Lea", **team},
        "contacts": {"name": "Con", "leadId": str(world.lead.pk)},
        "appointments": {"leadId": str(world.lead.pk), **times, **team},
    }[kind]


CHANGES = {
    ("appointments", "change"): {"title": "New"},
    ("appointments", "status"): {"status": "completed"},
    ("leads", "status"): {"status": "won"},
}


@pytest.mark.parametrize("role", list(Member.Role.values))
@pytest.mark.parametrize(
    ("kind", "act"), [(kind, act) for kind, acts in MAY.items() for act in acts]
)
def test_the_table_of_acts(kind, act, role, world):
    model, client = KINDS[kind], client_of(world.users[role])
    row = getattr(world, kind.removesuffix("s"))
    path, before = f"/api/crm/{kind}/{row.pk}", list(model.objects.order_by("pk").values())
    if act == "add":
        answer = client.post(f"/api/crm/{kind}", body_for(kind, world, role))
    elif act == "delete":
        answer = client.delete(path)
    else:
        answer = client.patch(path, CHANGES.get((kind, act), {"name": "New"}))
    if role in MAY[kind][act]:
        # A lead with appointments is not deleted: the person may, the lead may not.
        assert (
            answer.status_code == 409
            if (kind, act) == ("leads", "delete")
            else answer.status_code < 300
        )
        return
    seen = act == "add" or access.visible(model, world.users[role]).filter(pk=row.pk).exists()
    assert_error(answer, 403 if seen else 404)
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("role", "kind", "extra"),
    [
        ("MANAGER", "leads", {"teamId": None}),
        ("MANAGER", "appointments", {}),
        ("MANAGER", "contacts", {"leadId": None}),
        ("CLOSER", "contacts", {"leadId": None}),
        ("SETTER", "leads", {"qualifiedById": None}),
    ],
)
def test_nobody_makes_what_they_could_not_see(role, kind, extra, world):
    body = {
        name: value for name, value in body_for(kind, world, role).items() if name != "teamId"
    } | extra
    count = KINDS[kind].objects.count()
    assert (
        "sight"
        in assert_error(client_of(world.users[role]).post(f"/api/crm/{kind}", body), 400)["message"]
    )
    assert KINDS[kind].objects.count() == count


def test_nobody_moves_a_thing_out_of_their_own_sight(world):
    client = client_of(world.users["MANAGER"])
    assert_error(
        client.patch(f"/api/crm/appointments/{world.appointment.pk}", {"teamId": None}), 400
    )
    world.appointment.refresh_from_db()
    assert world.appointment.team == world.team


def test_a_setters_lead_is_theirs_and_so_is_the_meeting_with_it(world):
    client = client_of(world.users["SETTER"])
    lead = client.post("/api/crm/leads", {"name": "Lea"}).json()
    assert lead["qualifiedById"] == str(world.members["SETTER"].pk)
    body = body_for("appointments", world, "SETTER") | {
        "leadId": lead["id"],
        "closerId": str(world.members["CLOSER"].pk),
    }
    meeting = client.post("/api/crm/appointments", body).json()
    assert meeting["setterId"] == str(world.members["SETTER"].pk)
    assert meeting["teamId"] == str(world.team.pk), "the team of the closer's rep"
    assert meeting["timeZone"] == "Europe/Amsterdam"
    assert (
        client_of(world.users["CLOSER"]).get(f"/api/crm/appointments/{meeting['id']}").status_code
        == 200
    )


def test_staff_write_by_permission_and_say_for_whom(world):
    body = {"name": "Ada", "email": "ada@example.com"}
    operations, viewer = (
        client_of(staff(roles.OPERATIONS_ADMIN)),
        client_of(staff(roles.OPERATIONS_VIEWER)),
    )
    fields = assert_error(operations.post("/api/crm/reps", body), 400, "invalid")["fields"]
    assert list(fields) == ["organizationId"]
    body["organizationId"] = str(world.organization.pk)
    assert_error(viewer.post("/api/crm/reps", body), 403, "not_permitted")
    assert viewer.get(f"/api/crm/reps/{world.rep.pk}").status_code == 200
    assert SalesRep.objects.count() == 1
    assert operations.post("/api/crm/reps", body).json()["organizationId"] == str(
        world.organization.pk
    )


FOREIGN = [
    ("reps", "teamId", "team"),
    ("reps", "memberId", "member"),
    ("teams", "managerIds", "member"),
    ("leads", "qualifiedById", "member"),
    ("leads", "teamId", "team"),
    ("contacts", "leadId", "lead"),
    ("appointments", "leadId", "lead"),
    ("appointments", "closerId", "member"),
    ("appointments", "setterId", "member"),
    ("appointments", "teamId", "team"),
    ("reps", "organizationId", "organization"),
    ("appointments", "organizationId", "organization"),
]


@pytest.mark.parametrize(("kind", "field", "what"), FOREIGN)
def test_a_row_of_another_organization_is_like_one_that_is_not_there(kind, field, what, world):
    other = World("Contoso", prefix="other-")
    foreign = {"member": other.members["CLOSER"], "organization": other.organization}.get(
        what
    ) or getattr(other, what)
    client, row = client_of(world.users["CEO"]), getattr(world, kind.removesuffix("s"))
    before = list(KINDS[kind].objects.order_by("pk").values())
    refusals = []
    for identifier in (str(foreign.pk), str(uuid.uuid4())):
        value = [identifier] if field == "managerIds" else identifier
        made = client.post(f"/api/crm/{kind}", body_for(kind, world, "CEO") | {field: value})
        changed = client.patch(f"/api/crm/{kind}/{row.pk}", {field: value})
        refusals += [assert_error(answer, 400, "invalid")["fields"] for answer in (made, changed)]
    assert refusals[:2] == refusals[2:]
    assert list(KINDS[kind].objects.order_by("pk").values()) == before


def test_an_admin_names_rows_of_the_organization_it_is_about_only(world):
    """An ADMIN sees both organizations, and still cannot tie a row of the one to the other."""
    other = World("Contoso", prefix="other-")
    body = body_for("appointments", world, "CEO") | {"closerId": str(other.members["CLOSER"].pk)}
    assert (
        "closerId"
        in assert_error(client_of(world.users["ADMIN"]).post("/api/crm/appointments", body), 400)[
            "fields"
        ]
    )


@contextmanager
def at_once():
    """What waits for the commit is checked when this ends."""
    yield
    connection.check_constraints()


def test_the_database_refuses_what_gets_past_everything_else(world):
    other = World("Contoso", prefix="other-")
    wrong = {
        "lead_id": other.lead.pk,
        "closer_id": other.members["CLOSER"].pk,
        "team_id": other.team.pk,
    }
    for column, identifier in wrong.items():
        with (
            pytest.raises(IntegrityError, match="same_organization"),
            transaction.atomic(),
            at_once(),
        ):
            Appointment.objects.filter(pk=world.appointment.pk).update(**{column: identifier})
    with pytest.raises(IntegrityError, match="appointment_ends_after_start"), transaction.atomic():
        Appointment.objects.update(ends_at=world.appointment.starts_at)


WRONG = [
    ("reps", {"name": 7}), ("reps", {"name": ""}), ("reps", {"name": "x" * 201}),
    ("reps", {"email": "nobody"}), ("reps", {"email": ["a@example.com"]}),
    ("reps", {"aliases": "a@example.com"}), ("reps", {"aliases": ["x"]}), ("reps", {"teamId": 7}),
    ("reps", {"archivedAt": "soon"}), ("reps", {"email": "a@b@example.com"}),
    ("teams", {"managerIds": ["x"]}), ("teams", {"managerIds": None}), ("teams", {"name": None}),
    ("leads", {"status": "sold"}), ("leads", {"status": True}),
    ("leads", {"externalIds": {"hubspot": 7}}), ("leads", {"externalIds": []}),
    ("leads", {"externalIds": {str(n): "1" for n in range(21)}}), ("contacts", {"leadId": "1"}),
    ("contacts", {"phone": 31}), ("contacts", {"email": "@"}),
    ("appointments", {"startsAt": "2026-12-01T10:00:00"}), ("appointments", {"startsAt": 7}),
    ("appointments", {"endsAt": "2020-01-01T10:00:00Z"}),
    ("appointments", {"timeZone": "Mars/Olympus"}), ("appointments",
        {"startsAt": "0001-01-01T00:00:00+14:00"}), ("appointments", {"status": 1}),
        ("appointments", {"endsAt": "9999-12-31T23:59:59-14:00"}),
        ("appointments", {"leadId": None}), ("appointments", {"endsAt": "2099-01-01T00:00:00Z"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "wrong"), WRONG)
def test_a_wrong_value_is_named_and_changes_nothing(kind, wrong, world):
    client, row = client_of(world.users["CEO"]), getattr(world, kind.removesuffix("s"))
    before = list(KINDS[kind].objects.order_by("pk").values())
    for answer in (
        client.patch(f"/api/crm/{kind}/{row.pk}", wrong),
        client.post(f"/api/crm/{kind}", body_for(kind, world, "CEO") | wrong),
    ):
        names = assert_error(answer, 400, "invalid")["fields"]
        assert {name.partition(".")[0] for name in names} <= {*wrong, "endsAt"}, names
    assert list(KINDS[kind].objects.order_by("pk").values()) == before


def test_a_write_that_is_sent_twice_happens_once(world):
    client, body = client_of(world.users["CEO"]), {"name": "Ada", "email": "ada@example.com"}
    first = client.post("/api/crm/reps", body, HTTP_IDEMPOTENCY_KEY="k")
    again = client.post("/api/crm/reps", body, HTTP_IDEMPOTENCY_KEY="k")
    assert (first.status_code, again.json()) == (201, first.json())
    assert_error(client.post("/api/crm/reps", body), 400, "invalid")
    assert SalesRep.objects.count() == 2


def test_who_manages_a_team_is_audited(world):
    client = client_of(world.users["CEO"])
    client.patch(f"/api/crm/teams/{world.team.pk}", {"managerIds": []})
    event = AuditEvent.objects.filter(action="role.changed").latest("sequence")
    assert (event.actor_name, event.facts["before"], event.facts["after"]) == (
        "ceo",
        ["manager"],
        [],
    )


def test_a_lead_of_who_manages_one_team_is_that_teams(world):
    client = client_of(world.users["MANAGER"])

    answer = client.post("/api/crm/leads", {"name": "New"})

    assert (answer.status_code, answer.json()["teamId"]) == (201, str(world.team.pk))
    services.create_team(
        organization=world.organization, name="Second", managers=[world.members["MANAGER"]]
    )
    assert_error(client.post("/api/crm/leads", {"name": "Newer"}), 400, "invalid")
    assert not Lead.objects.filter(name="Newer").exists()

"""CSV in the admin: a dry run that tells everything and stores nothing, all rows or none,
and export for import.
"""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import AuditEvent
from core.signin import roles
from crm import services
from crm.models import Appointment, Lead, RepAlias, SalesRep
from crm.privacy import returning
from tests.support.people import staff
from tests.support.world import World

pytestmark = pytest.mark.django_db
REPS = (
    "name,email,aliases,team,archived\nAda "
    "Byron,ada@example.com,a@example.com; b@example.com,Team,no\n"
)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def operations(client):
    client.force_login(staff(roles.OPERATIONS_ADMIN), backend="core.signin.Backend")
    return client


def upload(client: Any, kind: str, text: str, world: World) -> Any:
    file = SimpleUploadedFile(f"{kind}.csv", text.encode(), "text/csv")
    sent = {"import_file": file, "format": "0", "organization": str(world.organization.pk)}
    return client.post(f"/admin/crm/{kind}/import/", sent)


def confirm(client: Any, kind: str, previewed: Any) -> Any:
    form = previewed.context["confirm_form"]
    return client.post(f"/admin/crm/{kind}/process_import/", form.initial, follow=True)


def test_a_dry_run_shows_every_row_and_stores_nothing(operations, world, mailoutbox):
    before = list(SalesRep.objects.values()), list(RepAlias.objects.values())
    answer = upload(operations, "salesrep", REPS + "Renamed,REP@example.com,,,\n", world)
    rows = answer.context["result"].valid_rows()
    assert [(row.import_type, row.diff[1]) for row in rows] == [
        ("new", "Ada Byron"),
        ("update", "Renamed"),
    ]
    assert "Ada Byron" in answer.content.decode()
    assert (list(SalesRep.objects.values()), list(RepAlias.objects.values())) == before
    assert not AuditEvent.objects.filter(action="import.made").exists()


def test_confirmed_rows_are_stored_through_the_services_and_audited(operations, world):
    confirm(operations, "salesrep", upload(operations, "salesrep", REPS, world))
    rep = SalesRep.objects.get(name="Ada Byron")
    assert (rep.team, rep.organization) == (world.team, world.organization)
    assert sorted(rep.addresses.values_list("normalized", flat=True)) == [
        "a@example.com",
        "ada@example.com",
        "b@example.com",
    ]
    event = AuditEvent.objects.get(action="import.made")
    assert (event.organization_id, event.facts["kind"], event.facts["rows"]["new"]) == (
        world.organization.pk,
        "reps",
        1,
    )


def test_a_bad_row_is_named_with_its_field_and_nothing_is_stored(operations, world):
    bad = "Wrong,nobody,,,\nTaken,alias@example.com,,,\nTeamless,t@example.com,,No such team,\n"
    answer = upload(operations, "salesrep", REPS + bad, world)
    found = [
        (row.number, sorted(row.field_specific_errors))
        for row in answer.context["result"].invalid_rows
    ]
    assert found == [(2, ["email"]), (3, ["email"]), (4, ["team"])]
    assert "confirm_form" not in answer.context
    assert "already means a rep" in answer.content.decode()
    assert SalesRep.objects.count() == 1


def test_what_became_wrong_after_the_dry_run_stores_nothing_at_all(operations, world):
    previewed = upload(operations, "salesrep", REPS + "Bob,bob@example.com,,,\n", world)
    services.create_rep(
        organization=world.organization,
        name="Quick",
        email="x@example.com",
        aliases=["bob@example.com"],
    )
    answer = confirm(operations, "salesrep", previewed)
    assert "Nothing was imported" in answer.content.decode()
    assert not SalesRep.objects.filter(name__in=["Ada Byron", "Bob"]).exists()
    assert not AuditEvent.objects.filter(action="import.made").exists()


def test_another_organizations_rows_are_neither_found_nor_changed(operations, world):
    other = World("Contoso", prefix="other-")
    answer = upload(operations, "lead", f"id,name\n{other.lead.pk},Stolen\n", world)
    assert [sorted(row.field_specific_errors) for row in answer.context["result"].invalid_rows] == [
        ["id"]
    ]
    answer = upload(operations, "lead", "name,qualified_by\nLea,other-setter\n", world)
    assert [sorted(row.field_specific_errors) for row in answer.context["result"].invalid_rows] == [
        ["qualified_by"]
    ]
    other.lead.refresh_from_db()
    assert other.lead.name == "Lead"


def test_appointments_come_in_at_wall_time_and_a_skipped_hour_is_refused(operations, world):
    services.update_lead(lead=world.lead, email="lead@example.com")
    text = (
        "lead,starts,ends,time_zone,closer\n"
        "LEAD@example.com,2026-12-01 14:00,2026-12-01 15:00,America/New_York,closer\n"
    )
    confirm(operations, "appointment", upload(operations, "appointment", text, world))
    made = Appointment.objects.latest("created_at")
    assert (made.starts_at.isoformat(), made.closer) == (
        "2026-12-01T19:00:00+00:00",
        world.members["CLOSER"],
    )
    skipped = text.replace("2026-12-01 14:00", "2026-03-08 02:30").replace(
        "2026-12-01 15:00", "2026-03-08 04:00"
    )
    answer = upload(operations, "appointment", skipped, world)
    assert [sorted(row.field_specific_errors) for row in answer.context["result"].invalid_rows] == [
        ["starts_at"]
    ]


@pytest.mark.parametrize("text", ["email\na@example.com\n", "", "\x00\x01", "name;email\nA;b\n"])
def test_a_file_that_is_no_such_table_is_refused(text, operations, world):
    count = SalesRep.objects.count()
    assert upload(operations, "salesrep", text, world).status_code == 400
    assert SalesRep.objects.count() == count


def test_a_file_of_too_many_rows_is_refused_with_a_sentence(operations, world):
    rows = "".join(f"Rep {number},r{number}@example.com\n" for number in range(6_000))
    answer = upload(operations, "salesrep", f"name,email\n{rows}", world)
    assert answer.status_code == 400
    assert "At most 5,000 rows at a time" in answer.content.decode()
    assert SalesRep.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("import_file_name", "nothing-like-it", "not kept any more"),
        ("import_file_name", "../../etc/passwd", "not kept any more"),
        ("import_file_name", "a\x00b", "not what the dry run was made of"),
        ("format", "7", "not what the dry run was made of"),
        ("format", "x", "not what the dry run was made of"),
        ("resource", "9", "not what the dry run was made of"),
        ("organization", "nobody", "not what the dry run was made of"),
    ],
)
def test_a_forged_confirmation_imports_nothing(operations, world, name, value, sentence):
    form = upload(operations, "salesrep", REPS, world).context["confirm_form"]
    answer = operations.post("/admin/crm/salesrep/process_import/", {**form.initial, name: value})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not SalesRep.objects.filter(name="Ada Byron").exists()


@pytest.mark.parametrize(
    ("kind", "model"), [("salesrep", SalesRep), ("lead", Lead), ("appointment", Appointment)]
)
def test_an_export_is_audited_and_can_be_imported_again(kind, model, operations, world):
    services.update_lead(lead=world.lead, company="=cmd|' /C calc'!A0")
    before = list(model.objects.order_by("pk").values())
    answer = operations.post(f"/admin/crm/{kind}/export/")
    text = b"".join(answer.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["id"] for row in rows] == [str(row["id"]) for row in before]
    assert AuditEvent.objects.filter(action="export.made").count() == 1
    assert ",=cmd" not in text
    confirm(operations, kind, upload(operations, kind, text, world))
    after = list(model.objects.order_by("pk").values())
    for row in before + after:
        row.pop("updated_at", None)
    assert after == before


def test_only_those_who_may_change_import_and_export(client, world):
    client.force_login(staff(roles.OPERATIONS_VIEWER), backend="core.signin.Backend")
    assert client.get("/admin/crm/salesrep/").status_code == 200
    assert upload(client, "salesrep", REPS, world).status_code == 403
    assert client.post("/admin/crm/salesrep/process_import/", {}).status_code == 403
    assert client.post("/admin/crm/salesrep/export/").status_code == 403
    assert SalesRep.objects.count() == 1


def test_the_form_says_what_the_service_refuses_and_stores_through_it(operations, world):
    page = f"/admin/crm/salesrep/{world.rep.pk}/change/"
    assert operations.get(page).status_code == 200
    same = {"name": "New", "email": "rep@example.com", "team": str(world.team.pk), "member": ""}
    other = services.create_rep(
        organization=world.organization, name="Other", email="other@example.com"
    )
    refused = operations.post(page, same | {"aliases": "other@example.com"})
    assert "already means a rep" in refused.content.decode()
    world.rep.refresh_from_db()
    assert world.rep.name == "Rep"
    assert (
        operations.post(page, same | {"aliases": "new@example.com\nmore@example.com"}).status_code
        == 302
    )
    world.rep.refresh_from_db()
    assert world.rep.name == "New"
    assert set(world.rep.addresses.values_list("normalized", flat=True)) == {
        "rep@example.com",
        "new@example.com",
        "more@example.com",
    }
    assert other.addresses.count() == 1


def test_every_kind_is_added_in_the_admin(operations, world):
    of = {"organization": str(world.organization.pk)}
    lead = {"external_ids": "{}", "status": "new"}
    forms: dict[str, dict[str, str]] = {
        "team": {"name": "North", "managed_by": str(world.members["MANAGER"].pk)},
        "salesrep": {"name": "Ada", "email": "ada@example.com", "aliases": ""},
        "lead": {"name": "Lea", **lead},
        "contact": {"name": "Con", "external_ids": "{}"},
        "appointment": {
            "lead": str(world.lead.pk), "starts": "2026-12-01 14:00", "ends": "2026-12-01 15:00",
            "time_zone": "Australia/Lord_Howe", "status": "scheduled", "title": "",
        },
    }  # fmt: skip
    for kind, form in forms.items():
        answer = operations.post(f"/admin/crm/{kind}/add/", of | form)
        assert answer.status_code == 302, answer.context["adminform"].form.errors
    made = Appointment.objects.latest("created_at")
    assert (made.starts_wall.hour, made.starts_at.isoformat()) == (14, "2026-12-01T03:00:00+00:00")


def test_a_lead_who_was_merged_is_known_by_the_former_address(operations, world):
    former = services.create_lead(
        organization=world.organization, name="Ada B.", email="ada@old.example"
    )
    services.merge_people(person=world.lead, other=former)
    email = world.lead.email
    confirm(
        operations,
        "lead",
        upload(operations, "lead", "name,email,phone\nAda,Ada@old.example,123\n", world),
    )
    lead = Lead.objects.get()
    assert (lead.pk, lead.name, lead.email, lead.phone) == (world.lead.pk, "Ada", email, "123")
    table = "lead,starts,ends\nada@old.example,2026-12-01 14:00,2026-12-01 15:00\n"
    confirm(operations, "appointment", upload(operations, "appointment", table, world))
    assert Appointment.objects.filter(lead=lead).count() == 2


def test_an_erased_former_address_names_nobody(operations, world):
    former = services.create_lead(
        organization=world.organization, name="Ada B.", email="ada@old.example"
    )
    services.merge_people(person=world.lead, other=former)
    returning.mark(world.organization.pk, ["ada@old.example"])
    answer = upload(operations, "lead", "name,email\nAda,ada@old.example\n", world)
    assert [sorted(row.field_specific_errors) for row in answer.context["result"].invalid_rows] == [
        ["email"]
    ]

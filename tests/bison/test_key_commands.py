"""The commands about keys: what they do, what they say of it, and how they end."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from bison.keys import bulk_making
from bison.models import Workspace
from tests.bison import cast
from tests.bison.stand_in import LONG_RUN

HEADER = "workspace_name,bison_instance,api_key,api_key_name,api_key_type"


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay, monkeypatch):
    monkeypatch.setattr(bulk_making, "PAUSE_SECONDS", 0.05)
    return cast.instance(bison_vendor)


def run(*arguments):
    """Return the exit code and what was written."""
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, no_color=True)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    return 0, out.getvalue()


def test_a_file_of_keys_is_looked_at_then_stored_and_tried(maverick, bison_vendor, tmp_path):
    cast.workspace(maverick, 3)
    path = tmp_path / "keys.csv"
    path.write_text(f"{HEADER}\nAspen Labs,Maverick,{bison_vendor.key(3)},Aspen,\n")
    code, out = run("import_api_keys", str(path), "--dry-run")
    assert (code, "1 rows, 1 good, 0 bad, 0 stored" in out) == (0, True)
    assert not Workspace.objects.get().has_key
    code, out = run("import_api_keys", str(path))
    assert (code, "[##############################] 100 %" in out) == (0, True)
    assert Workspace.objects.get().has_key
    assert bison_vendor.key(3) not in out


def test_a_bad_row_is_named_and_keeps_the_others_out_unless_they_are_enough(
    maverick, bison_vendor, tmp_path
):
    cast.workspace(maverick, 3)
    path = tmp_path / "keys.csv"
    path.write_text(
        f"{HEADER}\nAspen Labs,Maverick,{bison_vendor.key(3)},,\n"
        f"Nobody,Maverick,{bison_vendor.key(4)},,\n"
    )
    code, out = run("import_api_keys", str(path))
    assert code == 1
    assert "row 3, workspace_name: This instance has no workspace of this name." in out
    assert not Workspace.objects.get().has_key
    code, _out = run("import_api_keys", str(path), "--only-good")
    assert (code, Workspace.objects.get().has_key) == (1, True)
    assert run("import_api_keys", str(tmp_path / "nothing.csv"))[0] == 2


def test_keys_are_made_for_all_that_have_none_once_that_is_asked_for(maverick, bison_vendor):
    for number in (2, 5):
        cast.workspace(maverick, number)
    code, out = run("generate_api_keys")
    assert (code, "maverick: 2 without a key: Outpost Team, SEQUOIA GRID" in out) == (0, True)
    assert not Workspace.objects.filter(bison_api_key_status="active").exists()
    bison_vendor.fault("forbidden", "maverick", "/workspaces/v1.1/5/api-tokens")
    code, out = run("generate_api_keys", "--all-missing", "--instance", "maverick")
    assert code == 1
    assert "SEQUOIA GRID: " in out
    assert Workspace.objects.get(bison_workspace_id=2).has_key
    assert run("generate_api_keys", "--instance", "nowhere")[0] == 2


def test_every_instance_says_which_of_its_workspaces_got_no_key(maverick, bison_vendor):
    cast.workspace(maverick, 2)
    cast.workspace(cast.instance(bison_vendor, LONG_RUN), 4)
    for slug, number in (("maverick", 2), (LONG_RUN, 4)):
        bison_vendor.fault("forbidden", slug, f"/workspaces/v1.1/{number}/api-tokens")
    code, out = run("generate_api_keys", "--all-missing")
    assert code == 1
    for workspace in Workspace.objects.all():
        assert f"\n{workspace.workspace_name}: " in out


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_old_registry_is_taken_over_with_its_keys(maverick, bison_vendor, tmp_path, kind):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    cast.instance(bison_vendor, LONG_RUN)
    names = (
        "workspace_name",
        "bison_workspace_id",
        "bison_instance",
        "bison_api_key",
        "requires_workspace_key",
    )
    rows = [
        ("Aspen Labs", 3, "Maverick", bison_vendor.key(3), False),
        ("Birchwood Freight", 4, "Maverick", bison_vendor.key(4), False),
        ("Workbench Parks", 14, "longrun", "", True),
    ]
    path = tmp_path / f"client_registry.{kind}"
    if kind == "json":
        path.write_text(json.dumps([dict(zip(names, row, strict=True)) for row in rows]))
    else:
        path.write_text("\n".join(",".join(str(cell) for cell in row) for row in [names, *rows]))
    code, out = run("import_client_registry", str(path), "--dry-run")
    assert (code, "3 entries, 2 of them new, 2 with a key" in out) == (0, True)
    assert Workspace.objects.count() == 1
    assert run("import_client_registry", str(path))[0] == 0
    assert Workspace.objects.get(workspace_name="Workbench Parks").requires_workspace_key
    assert Workspace.objects.get(workspace_name="Birchwood Freight").has_key
    aspen.refresh_from_db()
    assert aspen.bison_api_key.reveal() == bison_vendor.key(3)
    code, out = run("import_client_registry", str(path))
    assert (code, Workspace.objects.count()) == (0, 3)


def test_what_is_no_registry_is_refused(maverick, tmp_path):
    path = tmp_path / "odd"
    for content in (b"\xff\xfe", b"[1, 2]", b'{"a": 1}'):
        path.write_bytes(content)
        assert run("import_client_registry", str(path))[0] == 1
    path.write_text(
        "workspace_name,bison_instance,bison_workspace_id\nNew,maverick,no number\nNew,nowhere,1\n"
    )
    code, out = run("import_client_registry", str(path))
    assert code == 1
    assert "row 2, bison_workspace_id" in out
    assert "row 3, bison_instance" in out
    assert not Workspace.objects.exists()

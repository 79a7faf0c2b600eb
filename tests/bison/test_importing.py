"""Keys from a file: every bad cell is named by row and column, and nothing is written before
somebody says so.
"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.test.utils import CaptureQueriesContext

from bison.keys import exporting, importing, planning
from bison.models import Workspace
from core import runs
from core.models import AuditEvent, Run
from core.signin import roles
from tests.bison import cast
from tests.bison.stand_in import LONG_RUN
from tests.support import people
from tests.support.people import assert_error, client_of

HEADER = "workspace_name,bison_instance,api_key,api_key_name,api_key_type"
PATH = "/api/bison/api-keys/import"


def key(number):
    return f"{number}|a-well-formed-key-of-no-value-{number:08d}"


def content(*lines, header=HEADER):
    return "\n".join([header, *lines]).encode()


def problems(done):
    return [(each["row"], each["column"]) for each in planning.names_of(done.problems)]


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay):
    return cast.instance(bison_vendor)


@pytest.fixture
def thousand(maverick):
    """A thousand workspaces, named Client 1000 to Client 1999."""
    Workspace.objects.bulk_create(
        Workspace(instance=maverick, bison_workspace_id=number, workspace_name=f"Client {number}")
        for number in range(1000, 2000)
    )
    return maverick


def bad_thirty():
    """Return a thousand lines of which thirty are bad, with where each is wrong."""
    lines, wrong = [], []
    for place in range(1000):
        name, at, secret, kind = f"Client {1000 + place}", "Maverick", key(place + 1), "workspace"
        row = place + 2
        if place % 100 == 7:
            name = f"Nobody {place}"
            wrong.append((row, "workspace_name"))
        elif place % 100 == 42:
            secret = "no key at all"
            wrong.append((row, "api_key"))
        elif place % 200 == 66:
            kind = "master"
            wrong.append((row, "api_key_type"))
        elif place % 200 == 166:
            at = "Nowhere"
            wrong.append((row, "bison_instance"))
        lines.append(f"{name},{at},{secret},Key {place},{kind}")
    return lines, wrong


def test_of_a_thousand_rows_each_bad_one_is_named_in_few_queries_and_without_a_call(
    thousand, bison_vendor
):
    lines, wrong = bad_thirty()
    assert len(wrong) == 30
    before = len(bison_vendor.calls())
    with CaptureQueriesContext(connection) as asked:
        done = importing.import_keys(content(*lines), actor="test")
    assert (done.rows, done.valid, done.invalid, done.applied) == (1000, 970, 30, 0)
    assert problems(done) == wrong
    assert len(asked) == 2
    assert len(bison_vendor.calls()) == before
    assert not Workspace.objects.exclude(next_api_key=None).exists()
    assert not Run.objects.exists()


def test_with_a_bad_row_nothing_is_stored_unless_the_good_ones_are_enough(thousand):
    lines, _wrong = bad_thirty()
    done = importing.import_keys(content(*lines), actor="test", dry_run=False)
    assert (done.applied, done.run) == (0, None)
    assert not Workspace.objects.exclude(next_api_key=None).exists()
    done = importing.import_keys(content(*lines), actor="test", dry_run=False, only_good=True)
    assert (done.applied, Workspace.objects.exclude(next_api_key=None).count()) == (970, 970)
    assert AuditEvent.objects.get(action="bison.keys_imported").facts["stored"] == 970
    assert done.run.run.progress_total == 970


@pytest.mark.django_db(transaction=True)
def test_stored_keys_are_tried_by_a_run_and_used_once_they_worked(maverick, bison_vendor):
    for number in (4, 6):
        cast.workspace(maverick, number)
    aspen = cast.workspace(maverick, 3, bison_vendor)
    lines = [
        f"Aspen Labs,maverick,{key(1)},,",
        f"Birchwood Freight,maverick,{bison_vendor.key(4)},Birch,workspace",
        f"Cobalt Dental,maverick,{bison_vendor.key(8)},,",
    ]
    done = importing.import_keys(content(*lines), actor="test", dry_run=False)
    assert done.applied == 3
    runs.execute(done.run.run.pk)
    run = Run.objects.get()
    assert (run.state, run.outcomes) == (
        Run.State.INCOMPLETE,
        {"in_use": 1, "waits": 1, "refused": 1},
    )
    assert sorted(run.evidence["failures"]) == ["Aspen Labs", "Cobalt Dental"]
    aspen.refresh_from_db()
    assert (aspen.bison_api_key.reveal(), aspen.next_api_key.reveal()) == (
        bison_vendor.key(3),
        key(1),
    )
    birch = Workspace.objects.get(bison_workspace_id=4)
    assert (birch.has_key, birch.bison_api_key_name) == (True, "Birch")
    cobalt = Workspace.objects.get(bison_workspace_id=6)
    assert (cobalt.bison_api_key, cobalt.next_api_key) == (None, None)


@pytest.mark.parametrize(
    "file",
    [
        f"\ufeff{HEADER}\r\nAspen Labs,Maverick,<key>,,\r\n",
        f"{HEADER.replace(',', ';')}\nAspen Labs;maverick;<key>;;\n",
        f'{HEADER}\n\n"Aspen  labs","MAVERICK","<key>","a, b",Workspace\n\n',
        "API_KEY,Workspace_Name,bison_instance,remarks\n<key>,ASPEN LABS, maverick ,x\n",
        f"{HEADER.replace(',', chr(9))}\nAspen Labs\tmaverick\t<key>\t\tsuper-admin\n",
    ],
)
def test_files_of_many_programs_are_read(maverick, file):
    cast.workspace(maverick, 3)
    done = importing.import_keys(file.replace("<key>", key(1)).encode(), actor="test")
    assert (done.rows, done.valid, problems(done)) == (1, 1, [])


@pytest.mark.parametrize("spelled", ["Long Run", "long-run", "longrun", "LONG_RUN", " Long  Run "])
def test_an_instance_is_known_however_it_is_spelled(db, bison_vendor, no_calls_stay, spelled):
    cast.workspace(cast.instance(bison_vendor, LONG_RUN), 3)
    done = importing.import_keys(content(f"Quartz Mobility,{spelled},{key(1)},,"), actor="test")
    assert done.valid == 1


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (b"", [(0, "")]),
        (b"\xff\xfe\x00", [(0, "")]),
        (HEADER.encode(), [(0, "")]),
        (b"workspace_name,bison_instance\nAspen Labs,maverick", [(1, "api_key")]),
        (content("Aspen Labs,maverick,,,"), [(2, "api_key")]),
        (content('Aspen Labs,maverick,"open'), [(2, "")]),
        (content(f"Aspen Labs,maverick,{key(1)},=1+1,"), [(2, "api_key_name")]),
        (
            content(f"Aspen\x00 Labs,maverick,{key(1)},,"),
            [(2, "workspace_name"), (2, "workspace_name")],
        ),
        (content(f"Aspen Labs,maverick,{key(1)},{'x' * 600},"), [(2, "api_key_name")]),
        (
            content(f"Aspen Labs,maverick,{key(1)},,", f"aspen labs,Maverick,{key(2)},,"),
            [(3, "workspace_name")],
        ),
        (
            content(f"Aspen Labs,maverick,{key(1)},,", f"Birchwood Freight,maverick,{key(1)},,"),
            [(3, "api_key")],
        ),
        (b"x" * (5 * 1024 * 1024), [(0, "")]),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(maverick, file, expected):
    for number in (3, 4):
        cast.workspace(maverick, number)
    done = importing.import_keys(file, actor="test", dry_run=False)
    assert (problems(done), done.applied) == (expected, 0)
    assert all(str(each.message) for each in done.problems)
    assert not Workspace.objects.exclude(next_api_key=None).exists()


def test_a_key_that_another_workspace_has_is_named(maverick, bison_vendor):
    cast.workspace(maverick, 3, bison_vendor)
    cast.workspace(maverick, 4)
    line = f"Birchwood Freight,maverick,{bison_vendor.key(3)},,"
    done = importing.import_keys(content(line), actor="test")
    assert "Aspen Labs has this key" in planning.names_of(done.problems)[0]["message"]


def test_an_export_keeps_formulas_as_text_and_its_names_are_found_again(maverick):
    found = cast.workspace(maverick, 3)
    for name in ("=HYPERLINK(1)", "+1", "-1", "@x"):
        Workspace.objects.filter(pk=found.pk).update(
            workspace_name=name, api_notes=name, bison_api_key_name=name
        )
        (row,) = exporting.lines(Workspace.objects.all())
        assert row[0] == name
        answer = exporting.export(Workspace.objects.all(), actor="test")
        line = b"".join(answer).decode().splitlines()[1]
        assert line.startswith(f"'{name},maverick,3,,'{name},")
        done = importing.import_keys(content(f"'{name},maverick,{key(1)},,"), actor="test")
        assert done.valid == 1
    assert AuditEvent.objects.filter(action="export.made").count() == 4


def upload(client, file, **more):
    body = {"file": SimpleUploadedFile("keys.csv", file, content_type="text/csv"), **more}
    return client.post(PATH, encode_multipart(BOUNDARY, body), content_type=MULTIPART_CONTENT)


def test_the_api_looks_first_and_applies_when_told(maverick, bison_vendor):
    ops = client_of(people.staff())
    cast.workspace(maverick, 3)
    file = content(f"Aspen Labs,maverick,{bison_vendor.key(3)},,", f"Nobody,maverick,{key(1)},,")
    looked = upload(ops, file).json()
    assert {
        name: looked[name] for name in ("rows", "valid", "invalid", "applied", "dry_run", "runId")
    } == {
        "rows": 2,
        "valid": 1,
        "invalid": 1,
        "applied": 0,
        "dry_run": True,
        "runId": None,
    }
    assert [(each["row"], each["column"]) for each in looked["errors"]] == [(3, "workspace_name")]
    assert upload(ops, file, dry_run="false").json()["applied"] == 0
    applied = upload(ops, file, dry_run="false", only_good="true").json()
    assert applied["applied"] == 1
    assert ops.get(applied["statusUrl"]).json()["kind"] == "bison.import_keys"
    assert_error(ops.post(PATH, {"file": "x"}), 415)
    empty = ops.post(
        PATH, encode_multipart(BOUNDARY, {"dry_run": "true"}), content_type=MULTIPART_CONTENT
    )
    assert list(assert_error(empty, 400, "invalid")["fields"]) == ["file"]


@pytest.mark.parametrize("who", ["viewer", "auditor", "CEO"])
def test_whoever_only_looks_imports_nothing(maverick, bison_vendor, who):
    cast.workspace(maverick, 3)
    groups = {"viewer": roles.OPERATIONS_VIEWER, "auditor": roles.AUDITOR}
    user = people.staff(groups[who]) if who in groups else people.member(who, people.organization())
    file = content(f"Aspen Labs,maverick,{bison_vendor.key(3)},,")
    assert_error(upload(client_of(user), file, dry_run="false"), 403)
    assert_error(client_of(user).post(PATH, {"file": "x"}), 403)
    assert not Workspace.objects.exclude(next_api_key=None).exists()

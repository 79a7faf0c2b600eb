"""Keys that came in every way are found nowhere in clear: not stored, queued, logged,
audited or shown.
"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from bison.keys import exporting, importing, making
from bison.models import Workspace
from core import runs
from core.models import User
from tests.bison import cast
from tests.support import canaries
from tests.support.people import client_of

BASE = "/api/bison"
HEADER = "workspace_name,bison_instance,api_key,api_key_name,api_key_type"
PLACES = ("/workspaces", "/instances", "/coverage")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


def odd(number):
    return f"{number}|canaryOfAKeyThatWasEntered{number:012}"


def test_no_key_is_found_in_clear(bison_vendor):
    ops = User.objects.create_superuser("ops", "ops@example.com", "correct-horse-battery")
    api = client_of(ops)
    planted = {
        "super-admin": bison_vendor.admin(),
        "backup": bison_vendor.backup(),
        "entered": odd(7001),
    }
    with canaries.Logs() as logs:
        maverick = cast.instance(bison_vendor)
        aspen, birch = cast.workspace(maverick, 3, bison_vendor), cast.workspace(maverick, 4)
        outpost = cast.workspace(maverick, 2)
        planted |= {"aspen": bison_vendor.key(3), "birch": bison_vendor.key(4)}
        shown = [api.put(f"{BASE}/workspaces/{aspen.pk}/api-key", {"api_key": odd(7001)})]
        planted["of another"] = bison_vendor.key(6)
        shown.append(
            api.put(f"{BASE}/workspaces/{birch.pk}/api-key", {"api_key": bison_vendor.key(6)})
        )
        planted["validated"] = odd(7002)
        shown.append(
            api.post(f"{BASE}/workspaces/{aspen.pk}/validate-api-key", {"api_key": odd(7002)})
        )
        planted["replaced super-admin"] = odd(7003)
        shown.append(api.patch(f"{BASE}/instances/{maverick.pk}", {"super_admin_key": odd(7003)}))
        file = (
            f"{HEADER}\nBirchwood Freight,maverick,{bison_vendor.key(4)},,\n"
            f"Nobody,maverick,{odd(7004)},,\n"
        ).encode()
        planted["of a bad row"] = odd(7004)
        body = {
            "file": SimpleUploadedFile("keys.csv", file),
            "dry_run": "false",
            "only_good": "true",
        }
        sent = encode_multipart(BOUNDARY, body)
        shown.append(api.post(f"{BASE}/api-keys/import", sent, content_type=MULTIPART_CONTENT))
        runs.execute(shown[-1].json()["runId"])
        made = making.generate(outpost, actor=ops)
        assert made.saved.result.success
        planted["made"] = Workspace.objects.get(pk=outpost.pk).bison_api_key.reveal()
        shown += [api.post(f"{BASE}/workspaces/{birch.pk}/test")]
        shown += [api.get(f"{BASE}{path}") for path in PLACES]
        importing.import_keys(file, actor=ops)
        export = b"".join(exporting.export(Workspace.objects.all(), actor=ops)).decode()
    browser = Client()
    browser.force_login(ops)
    places = [
        *canaries.database(),
        *canaries.in_redis(),
        *logs.places(),
        *canaries.admin_pages(browser),
        ("export", export),
        *((f"answer {number}", answer.content.decode()) for number, answer in enumerate(shown)),
    ]
    assert canaries.look(planted, places) == []

"""Every operation of Email Bison's instances and keys asked once, of the stand-in,
to be held against the schema.
"""

from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from bison.models import Workspace
from sandbox.vendors import demo_keys
from tests.support.crm_answers import Answered
from tests.support.people import client_of, member, organization, staff
from tests.support.sandbox import Sandbox

INSTANCES = "/api/bison/instances"
WORKSPACES = "/api/bison/workspaces"
MAKE, VALIDATE = "/functions/v1/generate-workspace-api-key", "/functions/v1/validate-api-key"
SLUG, NUMBER = "maverick", 9


def answers(sandbox: Sandbox) -> Iterator[Answered]:
    """Yield (method, path, answer) of each operation, a successful call among them."""
    client = client_of(staff(username="bison-key-staff"))
    outsider = client_of(member("CEO", organization("Key outsiders"), "key-outsider"))
    yield "GET", INSTANCES, outsider.get(INSTANCES)
    yield from _of_instances(client, sandbox)
    yield from _of_workspaces(client)
    yield from _of_many(client)


def _of_instances(client: Any, sandbox: Sandbox) -> Iterator[Answered]:
    entered = {
        "slug": "keys-of-schema",
        "name": "Schema",
        "base_url": sandbox.url("email-bison", f"/{SLUG}"),
        "super_admin_key": demo_keys.BISON_SUPER_ADMINS[SLUG],
        "backup_key": demo_keys.BISON_BACKUPS[SLUG],
    }
    made = client.post(INSTANCES, entered)
    yield "POST", INSTANCES, made
    yield "POST", INSTANCES, client.post(INSTANCES, {**entered, "super_admin_key": "no key"})
    yield "GET", INSTANCES, client.get(INSTANCES)
    own = f"{INSTANCES}/{made.json()['id']}"
    yield "GET", own, client.get(own)
    yield "PATCH", own, client.patch(own, {"name": "Schema of keys"})
    yield "POST", f"{own}/use-key", client.post(f"{own}/use-key", {"key": "backup"})
    yield "POST", f"{own}/discover", client.post(f"{own}/discover")
    Workspace.objects.create(
        instance_id=made.json()["id"], bison_workspace_id=NUMBER, workspace_name="Schema of keys"
    )


def _of_workspaces(client: Any) -> Iterator[Answered]:
    workspace = Workspace.objects.get(workspace_name="Schema of keys")
    own = f"{WORKSPACES}/{workspace.pk}"
    yield "GET", WORKSPACES, client.get(WORKSPACES)
    yield "GET", WORKSPACES, client.get(f"{WORKSPACES}?health=odd")
    yield "GET", own, client.get(own)
    yield "PATCH", own, client.patch(own, {"api_notes": "Ours"})
    yield "POST", f"{own}/test", client.post(f"{own}/test")
    yield "PUT", f"{own}/api-key", client.put(f"{own}/api-key", {"api_key": "no key"})
    yield "POST", f"{own}/generate-api-key", client.post(f"{own}/generate-api-key")
    yield "POST", f"{own}/validate-api-key", client.post(f"{own}/validate-api-key", {})
    yield "POST", MAKE, client.post(MAKE, {"workspace_name": workspace.workspace_name})
    yield (
        "POST",
        VALIDATE,
        client.post(VALIDATE, {"workspace_name": workspace.workspace_name, "api_key": "9|none"}),
    )
    workspace.refresh_from_db()
    mask = f"****...{workspace.bison_api_key.reveal()[-8:]}"
    yield "PUT", f"{own}/api-key", client.put(f"{own}/api-key", {"api_key": mask})
    yield "DELETE", f"{own}/api-key", client.delete(f"{own}/api-key")


def _of_many(client: Any) -> Iterator[Answered]:
    path = "/api/bison/api-keys/import"
    rows = (
        b"workspace_name,bison_instance,api_key,api_key_name,api_key_type\nNobody,nowhere,1|x,,\n"
    )
    file = SimpleUploadedFile("keys.csv", rows, content_type="text/csv")
    body = encode_multipart(BOUNDARY, {"file": file})
    yield "POST", path, client.post(path, body, content_type=MULTIPART_CONTENT)
    yield "GET", "/api/bison/coverage", client.get("/api/bison/coverage")

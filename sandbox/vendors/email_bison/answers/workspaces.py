"""Who a token is, the workspaces of an instance, moving between them, and tokens for them."""

from sandbox.vendors.email_bison import refusals
from sandbox.vendors.email_bison.routes import Call, route
from sandbox.vendors.frame import Reply


@route("GET", "/users")
def user(call: Call) -> Reply:
    """Say where the token acts: nothing else confirms that."""
    return Reply(200, {"data": call.instance.user_json(call.token)})


@route("GET", "/workspaces")
@route("GET", "/workspaces/v1.1")
def listed(call: Call) -> Reply:
    main = call.instance.main
    return call.page([each.as_json(main) for each in call.instance.seen_by(call.token)])


@route("POST", "/workspaces")
@route("POST", "/workspaces/v1.1")
def create(call: Call) -> Reply:
    call.super_admin()
    body = call.body()
    refusals.required(body, "name")
    made = call.instance.add(str(body["name"]))
    return Reply(200, {"data": made.as_json(call.instance.main)})


@route("POST", "/workspaces/switch-workspace")
@route("POST", "/workspaces/v1.1/switch-workspace")
def switch(call: Call) -> Reply:
    """Move the user of the token, with every token of theirs; the answer says no id."""
    body = call.body()
    refusals.required(body, "team_id")
    number = int(body["team_id"]) if str(body["team_id"]).isdecimal() else 0
    if call.token.workspace is not None and not call.switched["silent_switch"]:
        raise refusals.forbidden()
    found = call.instance.all().get(number)
    if found is None and call.switched["quiet_refusals"]:
        raise refusals.wrapped(200, "You do not have access to this workspace.")
    target = found or call.instance.workspace(number)
    if call.token.workspace is None:
        call.token.user.move(target.id, float(call.switched["switch_seconds"]))
    return Reply(200, {"data": {"name": target.name}})


@route("POST", "/workspaces/v1.1/{team_id}/api-tokens")
def make_token(call: Call, team_id: str) -> Reply:
    """Make a token for any workspace, wherever the user looks; names may repeat."""
    call.super_admin()
    body = call.body()
    refusals.required(body, "name")
    workspace = call.instance.workspace(_number(team_id))
    return Reply(200, {"data": call.instance.make_token(workspace.id, str(body["name"]))})


@route("GET", "/workspaces/{team_id}")
@route("GET", "/workspaces/v1.1/{team_id}")
def details(call: Call, team_id: str) -> Reply:
    number = _number(team_id)
    if call.token.workspace not in {None, number}:
        raise refusals.forbidden()
    return Reply(200, {"data": call.instance.workspace(number).as_json(call.instance.main)})


@route("PUT", "/workspaces/{team_id}")
@route("PUT", "/workspaces/v1.1/{team_id}")
def rename(call: Call, team_id: str) -> Reply:
    number = _number(team_id)
    if call.token.workspace not in {None, number}:
        raise refusals.forbidden()
    body = call.body()
    refusals.required(body, "name")
    workspace = call.instance.workspace(number)
    workspace.name = str(body["name"])
    return Reply(200, {"data": {"name": workspace.name}})


@route("DELETE", "/workspaces/v1.1/{team_id}")
def delete(call: Call, team_id: str) -> Reply:
    """Queue the deletion: the workspace is listed until the queue gets to it."""
    call.super_admin()
    call.instance.delete(_number(team_id), call.queued())
    message = "Workspace being deleted. This might take a few minutes if you have a lot of data."
    return Reply(200, {"data": {"success": True, "message": message}})


def _number(text: str) -> int:
    if not text.isdecimal():
        raise refusals.missing("workspace", text)
    return int(text)

"""What a test asks for beyond the API, and what people do at the vendor meanwhile.

Each takes `slug` (maverick); those of the first table `workspace` too (3). With `quiet` no hook
is sent anything, and the log has it all the same.

reply               campaign, lead, interested, automated, untracked, seconds_ago, count, quiet,
                    and any field of a reply
mark                reply, interested, quiet: as a person marks it in the inbox
send, bounce        campaign, count, quiet: a mail goes out, or comes back
account_added, account_removed, account_disconnected, account_reconnected      number, quiet
unsubscribe         lead, quiet
move_accounts       to, count: accounts go to another workspace
add_leads           campaign, count, status, emails_sent: an upload
edit_hook           hook, and what a person changes; delete_hook: hook
make_token          name: a new api-user token, as text
delete_workspace    seconds until it is gone
facts               what the workspace has, to compare with

person_switches     user (main, backup), workspace: a person clicks; the next where none is named
revoke, restore     token
state               where each user looks now
hooks, deliveries   of the whole instance
"""

from collections.abc import Callable
from typing import Any, Final

from sandbox.vendors.email_bison import happenings, log
from sandbox.vendors.email_bison.instance import Instance
from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.email_bison.workspace import Workspace

Act = Callable[..., Any]
_USUAL: Final = 3


def do(instances: dict[str, Instance], name: str, wishes: dict[str, Any]) -> Any:
    """Do an act of the two tables; ValueError for a name or an instance that is none."""
    slug = wishes.pop("slug", "maverick")
    if slug not in instances or name not in {**ACTS, **WORKSPACE_ACTS}:
        raise ValueError(f"email-bison cannot {name} at {slug}")
    instance = instances[slug]
    if name in ACTS:
        return ACTS[name](instance, **wishes)
    number = wishes.pop("workspace", _USUAL)
    if number not in instance.all():
        raise ValueError(f"{slug} has no workspace {number}")
    return WORKSPACE_ACTS[name](instance, instance.workspaces[number], **wishes)


# --- In a workspace -------------------------------------------------------------------------------
def _reply(instance: Instance, workspace: Workspace, *, count: int = 1, **wishes: Any) -> list[int]:
    return [happenings.reply(instance, workspace, **wishes)["id"] for _ in range(count)]


def _mark(
    instance: Instance,
    workspace: Workspace,
    *,
    reply: int,
    interested: bool = True,
    quiet: bool = False,
) -> int:
    row = _found(workspace.contents.replies.get(reply), "reply", reply)
    return int(happenings.mark(instance, workspace, row, interested=interested, quiet=quiet)["id"])


def _mailed(*, bounced: bool) -> Act:
    def act(
        instance: Instance, workspace: Workspace, *, count: int = 1, **wishes: Any
    ) -> list[int]:
        return [
            happenings.mailed(instance, workspace, bounced=bounced, **wishes)["id"]
            for _ in range(count)
        ]

    return act


def _account(what: str) -> Act:
    def act(
        instance: Instance, workspace: Workspace, *, number: int = 0, quiet: bool = False
    ) -> int:
        return int(happenings.account(instance, workspace, what, number, quiet=quiet)["id"])

    return act


def _unsubscribe(
    instance: Instance, workspace: Workspace, *, lead: int, quiet: bool = False
) -> int:
    row = _found(workspace.contents.leads.get(lead), "lead", lead)
    return int(happenings.unsubscribe(instance, workspace, row, quiet=quiet)["id"])


def _add_leads(
    instance: Instance, workspace: Workspace, *, campaign: int = 0, count: int,
    status: str = "never_contacted", emails_sent: int = 0,
) -> list[int]:  # fmt: skip
    """Add leads to a campaign, as an upload does; or such as have had mails already."""
    chosen = happenings.campaign_of(workspace, campaign)
    rows = [
        happenings.uploaded(instance, workspace, chosen, status, emails_sent) for _ in range(count)
    ]
    return [row["id"] for row in rows]


def _move_accounts(
    instance: Instance, workspace: Workspace, *, to: int, count: int = 1
) -> list[int]:
    source, target = workspace.contents.accounts, instance.workspaces[to].contents.accounts
    rows = source.all()[:count]
    for row in rows:
        source.remove(row["id"])
        target.add(row)
    return [row["id"] for row in rows]


def _edit_hook(_instance: Instance, workspace: Workspace, *, hook: int, **changes: Any) -> Row:
    row = _found(workspace.hooks.get(hook), "hook", hook)
    row |= changes
    return row


def _delete_hook(_instance: Instance, workspace: Workspace, *, hook: int) -> None:
    _found(workspace.hooks.remove(hook), "hook", hook)


def _make_token(instance: Instance, workspace: Workspace, *, name: str = "By hand") -> str:
    return str(instance.make_token(workspace.id, name)["plain_text_token"])


def _delete_workspace(instance: Instance, workspace: Workspace, *, seconds: float = 0) -> None:
    instance.delete(workspace.id, seconds)


def _facts(instance: Instance, workspace: Workspace) -> dict[str, Any]:
    """Say what a test compares with."""
    contents = workspace.contents
    accounts, replies = contents.accounts.all(), contents.replies.all()
    return {
        "name": workspace.name,
        "accounts": [row["id"] for row in accounts],
        "connected": sum(row["status"] == "Connected" for row in accounts),
        "campaigns": [row["id"] for row in contents.campaigns.all()],
        "leads": len(contents.leads.all()),
        "unsubscribed": [
            row["email"] for row in contents.leads.all() if row["status"] == "unsubscribed"
        ],
        "replies": [row["id"] for row in replies],
        "interested": [row["id"] for row in replies if row["interested"]],
        "emails": [row["email"] for row in contents.emails.all()],
        "domains": [row["domain"] for row in contents.domains.all()],
        "hooks": workspace.hooks.all(),
        "events": len(log.newest(instance, workspace)),
    }


def _found(row: Row | None, kind: str, number: int) -> Row:
    if row is None:
        raise ValueError(f"The workspace has no {kind} {number}")
    return row


# --- At an instance -------------------------------------------------------------------------------
def _person_switches(
    instance: Instance, *, user: str = "main", workspace: int | None = None
) -> int:
    return instance.wander(user, workspace)


def _revoke(instance: Instance, *, token: str) -> None:
    switched = instance.world.switched
    switched["revoked"] = [*switched["revoked"], token]


def _restore(instance: Instance, *, token: str) -> None:
    switched = instance.world.switched
    switched["revoked"] = [each for each in switched["revoked"] if each != token]


def _state(instance: Instance) -> dict[str, int]:
    return {role: user.looks_at for role, user in instance.users.items()}


def _hooks(instance: Instance) -> list[Row]:
    return [
        {"workspace": each.id, **row}
        for each in instance.all().values()
        for row in each.hooks.all()
    ]


def _deliveries(instance: Instance) -> list[dict[str, Any]]:
    return [each.as_json() for each in instance.deliveries]


ACTS: Final[dict[str, Act]] = {
    "person_switches": _person_switches, "revoke": _revoke, "restore": _restore,
    "state": _state, "hooks": _hooks, "deliveries": _deliveries,
}  # fmt: skip
WORKSPACE_ACTS: Final[dict[str, Act]] = {
    "reply": _reply, "mark": _mark, "send": _mailed(bounced=False), "bounce": _mailed(bounced=True),
    **{f"account_{what}": _account(what) for what in ("added", "removed", "disconnected",
        "reconnected")},
    "add_leads": _add_leads, "unsubscribe": _unsubscribe, "move_accounts": _move_accounts,
    "edit_hook": _edit_hook, "delete_hook": _delete_hook, "make_token": _make_token,
    "delete_workspace": _delete_workspace, "facts": _facts,
}  # fmt: skip

"""What is done with chosen workspaces: each act is the service that page and API call,
and has its permission.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bison import access, registry
from bison.keys import bulk_making, leaks, making, revoking, trying
from bison.models import Workspace
from bison.syncs import kinds, starting
from bison.webhooks import drift, registering
from core.admin import acting
from core.admin.acting import Answer
from core.admin.base import HouseAdmin

Chosen = QuerySet[Workspace]


class Acts(HouseAdmin):
    """The acts of the registry's list, and of one workspace's page."""

    actions: Any = (
        "test",
        "generate_key",
        "revoke_key",
        "replace_leaked_key",
        "check_webhook",
        "repair_webhook",
        "sync_accounts",
        "require_own_key",
        "allow_shared_key",
    )
    object_acts = actions

    def acts_on(self, row: Any) -> list[str]:
        """Leave out what has no meaning for this workspace as it is."""
        without: set[str] = set()
        if row.bison_api_key is None and row.next_api_key is None:
            without.add("revoke_key")
        if row.bison_api_key is None:
            without.add("replace_leaked_key")
        if not row.bison_webhook_enabled and row.webhook_drift is None:
            without.add("repair_webhook")
        without.add("require_own_key" if row.requires_workspace_key else "allow_shared_key")
        return [name for name in self.object_acts if name not in without]

    @admin.action(description=_("Test connection"), permissions=["test"])
    def test(self, request: HttpRequest, chosen: Chosen) -> None:
        def act(workspace: Workspace) -> Answer:
            result = trying.check(workspace, actor=request.user, request=request).result
            return Answer(result.message, is_good=result.success)

        acting.with_each(request, _whole(chosen), act)

    @admin.action(description=_("Have a key made"), permissions=["generate"])
    def generate_key(self, request: HttpRequest, chosen: Chosen) -> None:
        """Make it at once for one workspace, and as a run for several."""

        def act(workspace: Workspace) -> Answer:
            made = making.generate(workspace, actor=request.user, request=request)
            return Answer(f"{made.masked}: {made.saved.message}", is_good=not made.saved.waits)

        rows = list(_whole(chosen))
        if len(rows) == 1:
            acting.with_each(request, _whole(chosen), act)
            return
        instances = {row.instance_id: row.instance for row in rows}
        acting.show_started(
            request,
            lambda: [
                bulk_making.start(each, rows, trigger="admin", started_by=request.user)
                for each in instances.values()
            ],
        )

    @admin.action(description=_("Revoke the key"), permissions=["revoke"])
    def revoke_key(self, request: HttpRequest, chosen: Chosen) -> None:
        def act(workspace: Workspace) -> Answer:
            return Answer(revoking.revoke(workspace, actor=request.user, request=request))

        acting.with_each(request, _whole(chosen), act)

    @admin.action(description=_("Replace a key that leaked"), permissions=["replace"])
    def replace_leaked_key(self, request: HttpRequest, chosen: Chosen) -> None:
        def act(workspace: Workspace) -> Answer:
            report = leaks.replace_leaked(workspace, actor=request.user, request=request)
            texts = [f"{each.workspace}: {each.message}" for each in report.outcomes]
            return Answer(" ".join(texts), is_good=report.success)

        acting.with_each(request, _whole(chosen), act)

    @admin.action(description=_("Check the webhook"), permissions=["webhook"])
    def check_webhook(self, request: HttpRequest, chosen: Chosen) -> None:
        acting.with_each(
            request, _whole(chosen), lambda row: _of(registering.check(row, triggered_by="manual"))
        )

    @admin.action(description=_("Repair the webhook"), permissions=["webhook"])
    def repair_webhook(self, request: HttpRequest, chosen: Chosen) -> None:
        acting.with_each(
            request,
            _whole(chosen),
            lambda row: _of(registering.repair(row, actor=request.user, request=request)),
        )

    @admin.action(description=_("Sync e-mail accounts"), permissions=["sync"])
    def sync_accounts(self, request: HttpRequest, chosen: Chosen) -> None:
        names = list(chosen.values_list("workspace_name", flat=True))
        acting.show_started(
            request,
            lambda: starting.start_sync(
                kinds.EMAIL_ACCOUNTS, workspaces=names, trigger="admin", started_by=request.user
            ),
        )

    @admin.action(description=_("Require a key of its own"), permissions=["change"])
    def require_own_key(self, request: HttpRequest, chosen: Chosen) -> None:
        _change(request, chosen, requires_workspace_key=True)

    @admin.action(description=_("Allow the super-admin key"), permissions=["change"])
    def allow_shared_key(self, request: HttpRequest, chosen: Chosen) -> None:
        _change(request, chosen, requires_workspace_key=False)

    def has_test_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, access.TEST)

    def has_generate_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, access.GENERATE)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, access.REVOKE)

    def has_replace_permission(self, request: HttpRequest) -> bool:
        return self.has_generate_permission(request) and self.has_revoke_permission(request)

    def has_webhook_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, access.WEBHOOK)

    def has_sync_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, access.SYNC)


def _whole(chosen: Chosen) -> Chosen:
    """Return them with what services read of them."""
    return chosen.select_related("instance__account")


def _of(workspace: Workspace) -> Answer:
    """Say how its webhook is."""
    if workspace.webhook_drift is not None:
        return Answer(drift.say(workspace.webhook_drift), is_good=False)
    return Answer(str(workspace.get_bison_webhook_status_display()))


def _change(request: HttpRequest, chosen: Chosen, **values: Any) -> None:
    changed = sum(
        bool(registry.change(workspace, values, actor=request.user, request=request))
        for workspace in chosen
    )
    text = ngettext("%(n)d workspace was changed.", "%(n)d workspaces were changed.", changed)
    messages.success(request, text % {"n": changed})

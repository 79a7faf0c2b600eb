"""A trial's Email Bison: both instances at the stand-in, with keys, webhooks and numbers,
and some things wrong.

`load` is quick and part of the preparation. `go_on` asks the stand-in some thousand times, so it is
done beside the site once that is ready (sandbox.follow_up). Each step looks whether it was done: a
later start adds nothing, and leaves alone what people changed. The stand-in forgets its webhooks
when it ends, so they are brought back each time.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.core.exceptions import ValidationError

from bison import health, instances, onboarding, registry, suppression
from bison.instances import discovering
from bison.keys import entering
from bison.ledger import checking as ledger
from bison.models import (
    Campaign,
    DailyFigures,
    EmailAccount,
    Instance,
    LedgerDay,
    Onboarding,
    Reply,
    Runway,
    Suppression,
    Workspace,
)
from bison.runway import computing
from bison.syncs import kinds, starting
from bison.webhooks import checking, registering
from core.errors import VendorError
from core.models import Run
from core.runs import Started
from core.vendors.values import plain
from crm.models import Organization
from sandbox.vendors import demo_keys
from sandbox.vendors.email_bison.cast import COMPANIES

Wait = Callable[[Run], None]
Start = Callable[[], Started]

NAME: Final = "email-bison"
BY: Final = "demo"
INSTANCES: Final = {"maverick": "Maverick", "long-run": "Long Run"}
# Whose interested replies become Northwind's leads, by instance and number at Email Bison.
CLIENTS: Final = {
    ("maverick", 3),
    ("maverick", 4),
    ("maverick", 8),
    ("maverick", 20),
    ("long-run", 3),
    ("long-run", 7),
}
HOOKED: Final = {
    *(("maverick", number) for number in (3, 4, 6, 8, 12, 14, 16, 17, 19, 20)),
    *(("long-run", number) for number in (3, 4, 5, 6)),
}
# Whose webhook a person has changed at Email Bison, or deleted there.
CHANGED_THERE: Final = ("maverick", 6)
DELETED_THERE: Final = ("long-run", 4)
# Where a reply comes in that no delivery tells of: the ledger finds it.
UNTOLD: Final = ("maverick", 4)
NOTE: Final = "Email Bison lets in its own key alone."
BLOCKED: Final = {
    "optout@example.org": "Asked never to be written to",
    "rival-agency.example": "A competitor",
}


def load() -> None:
    """Make both instances where they are not there; their addresses and keys are
    in the environment.
    """
    for slug, name in INSTANCES.items():
        instances.create(slug, name)


def go_on(wait: Wait) -> None:
    """Bring the trial's Email Bison to life; `wait` comes back when a run is over."""
    found = [
        each
        for each in Instance.objects.select_related("account").order_by("slug")
        if is_stand_in(each)
    ]
    for instance in found:
        if instance.last_discovered_at is None:
            wait(discovering.start(instance, trigger="command").run)
    if not found:
        return
    for workspace in _workspaces(found):
        _try(workspace, _enter_key)
        _try(workspace, _hook)
    for instance in found:
        _break(instance)
    _control(found[0], "PATCH", "", {"live": True})
    if not Reply.objects.filter(source=Reply.Source.WEBHOOK).exists():
        for instance in found:
            _let_come_in(instance)
    _first_numbers(wait)


def is_stand_in(instance: Instance) -> bool:
    """Tell whether the instance's address is the stand-in's: nothing is sent to another."""
    address = urlsplit(plain(instance.account, "base_url"))
    return address.hostname == "127.0.0.1" and address.path.startswith(f"/{NAME}/")


def _workspaces(of: list[Instance]) -> Iterator[Workspace]:
    rows = Workspace.objects.filter(instance__in=of, gone_at=None).select_related(
        "instance__account"
    )
    yield from rows.order_by("instance__slug", "bison_workspace_id")


def _try(workspace: Workspace, step: Callable[[Workspace], None]) -> None:
    """Do a step; where it fails, write why and go on with the next."""
    try:
        step(workspace)
    except VendorError as error:
        print(f"{workspace}: {error.message}", flush=True)
    except ValidationError as error:
        print(f"{workspace}: {' '.join(error.messages)}", flush=True)


def _place(workspace: Workspace) -> tuple[str, int]:
    return workspace.instance.slug, workspace.bison_workspace_id


def _enter_key(workspace: Workspace) -> None:
    """Enter the key that is known, and say whose workspace it is;
    once, whatever became of the key since.
    """
    slug, number = _place(workspace)
    company = next((each for each in COMPANIES[slug] if each.id == number), None)
    if company is None:
        return
    if company.own_key_only and not workspace.api_notes:
        registry.change(workspace, {"requires_workspace_key": True, "api_notes": NOTE}, actor=BY)
    if not company.keyed or workspace.key_fingerprint or workspace.next_api_key is not None:
        return
    key = demo_keys.bison_workspace_token(slug, number)
    entering.enter(workspace, key, name=f"{workspace.workspace_name} Workspace API", actor=BY)
    northwind = Organization.objects.filter(name="Northwind Sales").first()
    if (slug, number) in CLIENTS and northwind is not None:
        registry.change(workspace, {"organization_id": northwind.pk}, actor=BY)


def _hook(workspace: Workspace) -> None:
    """Register our webhook for the first time, or again where the stand-in has forgotten it."""
    if _place(workspace) not in HOOKED:
        return
    if workspace.webhook_token_hash is None:
        registering.configure(workspace, enabled=True, actor=BY)
    elif workspace.bison_webhook_enabled:
        registering.bring_about(workspace, triggered_by="command")


def _break(instance: Instance) -> None:
    """Let a person change a webhook at the vendor, and another delete one."""
    for slug, number in (CHANGED_THERE, DELETED_THERE):
        workspace = Workspace.objects.filter(instance=instance, bison_workspace_id=number).first()
        if slug != instance.slug or workspace is None or workspace.bison_webhook_id is None:
            continue
        wish = {"slug": slug, "workspace": number, "hook": workspace.bison_webhook_id}
        if (slug, number) == CHANGED_THERE:
            _control(instance, "POST", "/edit_hook", {**wish, "events": ["email_bounced"]})
        else:
            _control(instance, "POST", "/delete_hook", wish)


def _let_come_in(instance: Instance) -> None:
    """Let leads reply to clients' workspaces, so that deliveries come in;
    and one of which no hook is told.
    """
    for slug, number in sorted(CLIENTS & HOOKED):
        if slug == instance.slug:
            _control(
                instance, "POST", "/reply", {"slug": slug, "workspace": number, "interested": True}
            )
            _control(instance, "POST", "/bounce", {"slug": slug, "workspace": number})
    slug, number = UNTOLD
    if slug == instance.slug:
        _control(
            instance,
            "POST",
            "/reply",
            {"slug": slug, "workspace": number, "interested": True, "quiet": True},
        )


def _first_numbers(wait: Wait) -> None:
    """Start what fills the pages: what was never done, and a round of health each time."""
    wait(checking.start(trigger="command").run)
    for is_done, kind in (
        (EmailAccount.objects.exists, kinds.EMAIL_ACCOUNTS),
        (DailyFigures.objects.filter(analytics_seen_at__isnull=False).exists, kinds.ANALYTICS),
        (Campaign.objects.exists, kinds.PIPELINE),
        (DailyFigures.objects.filter(volume_seen_at__isnull=False).exists, kinds.VOLUME),
    ):
        if not is_done():
            wait(starting.start_sync(kind, trigger="command").run)
    wait(health.start(trigger="command").run)
    _suppress()
    if not LedgerDay.objects.exists():
        wait(ledger.start(trigger="command").run)
    if not Runway.objects.exists():
        wait(computing.start(trigger="command").run)
    if not Onboarding.objects.exists():
        onboarding.look_at_all(trigger="command")


def _suppress() -> None:
    if Suppression.objects.exists():
        return
    for value, reason in BLOCKED.items():
        suppression.suppress(value, reason=reason, confirmed=True, trigger="command", actor=BY)


def _control(instance: Instance, method: str, act: str, wishes: dict[str, Any]) -> None:
    """Ask the stand-in for what its API does not do."""
    place = urlsplit(plain(instance.account, "base_url")).netloc
    url = f"http://{place}/_control/vendors/{NAME}{act}"
    with urlopen(Request(url, json.dumps(wishes).encode(), method=method), timeout=30) as answer:
        answer.read()

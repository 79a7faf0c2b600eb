"""What tests of webhooks share: a house that the stand-in can reach,
and workspaces whose webhook is on.
"""

from typing import Any

from bison.models import Workspace
from bison.webhooks import registering
from core.inbox import working
from core.models import InboundEvent
from tests.bison.stand_in import BisonVendor
from tests.support.house import wait_for

SOURCE = "email-bison"


def switch_on(workspace: Workspace, names: list[str] | None = None) -> Workspace:
    """Switch the workspace's webhook on, and return it as it is then."""
    return registering.configure(workspace, enabled=True, names=names, actor="a test")


def at_vendor(vendor: BisonVendor, workspace: Workspace) -> list[dict[str, Any]]:
    """Return the webhooks that the stand-in has of it."""
    facts = vendor.act(
        "facts", slug=workspace.instance.slug, workspace=workspace.bison_workspace_id
    )
    return facts["hooks"]


def delivered(vendor: BisonVendor, slug: str = "maverick") -> bool:
    """Wait until every delivery that the stand-in began has an answer that ends it."""
    return wait_for(lambda: all(_is_over(each) for each in vendor.act("deliveries", slug=slug)), 20)


def work_all() -> int:
    """Work what is stored; return how many."""
    waiting = InboundEvent.objects.filter(source=SOURCE, processing_status="pending")
    ids = list(waiting.order_by("received_at").values_list("pk", flat=True))
    return sum(working.work(event_id) for event_id in ids)


def _is_over(delivery: dict[str, Any]) -> bool:
    statuses = delivery["statuses"]
    return bool(statuses) and (statuses[-1] == 200 or len(statuses) == 5)

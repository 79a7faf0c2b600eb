"""Inboxes, and who answers in them. People are added and removed one by one:
a PATCH would replace the whole list.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.models import User
from integrations.helpdesk import agents
from integrations.helpdesk.desks import Desk, Open
from integrations.models import Demo, HelpdeskAgent
from integrations.providers.chatwoot.answers import Invalid, Missing
from integrations.providers.chatwoot.client import (
    number_of,
    path_of,
    payload_of,
    rows_in,
    text_of,
)

ADD: Final = "add"
REMOVE: Final = "remove"
ACTIONS: Final = (ADD, REMOVE)
# Each costs a call of its own; those behind are listed without their people.
MOST_WITH_PEOPLE: Final = 50
KINDS: Final = {"Channel::WebWidget": "website", "Channel::Api": "api", "Channel::Email": "email"}
NO_INBOX: Final = _("There is no such inbox.")
NO_AGENT: Final = _("There is no such agent.")


def listed(desk: Desk, user: User) -> list[dict[str, Any]]:
    """Return the inboxes of the desk with their people; at the installation's those
    of the organization's demos.
    """
    with desk.open("inboxes", by=user.get_username()) as at:
        rows = fetched(at)
        if desk.is_shared_by_all:
            theirs = _demo_inboxes(desk, at)
            rows = [row for row in rows if number_of(row) in theirs]
        people = {number_of(row): _members(at, number_of(row)) for row in rows[:MOST_WITH_PEOPLE]}
    return [_shown(row, people.get(number_of(row))) for row in rows]


def assign(
    desk: Desk, user: User, *, agent_id: int, inbox_id: int, action: str, request: Any = None
) -> None:
    """Let an agent answer in an inbox, or no longer; twice is the same as once.

    ValidationError where the desk has no such agent or inbox.
    """
    with desk.open("assign-agent", by=user.get_username()) as at:
        _check_theirs(desk, at, agent_id, inbox_id)
        wish = {"inbox_id": inbox_id, "user_ids": [agent_id]}
        path = path_of(at.values, "/inbox_members")
        try:
            if action == ADD:
                at.client.post(path, json=wish, idempotent=True)
            else:
                at.client.delete(path, json=wish)
        except Missing as error:
            raise ValidationError({"inboxId": ValidationError(NO_INBOX, code="invalid")}) from error
        except Invalid as error:
            raise ValidationError({"agentId": ValidationError(NO_AGENT, code="invalid")}) from error
    with transaction.atomic():
        audit.record(
            "helpdesk.agent_assigned" if action == ADD else "helpdesk.agent_unassigned",
            actor=user,
            target=desk.integration or desk.organization,
            request=request,
            organization_id=desk.organization.pk,
            agent=agent_id,
            inbox=inbox_id,
        )


def fetched(at: Open) -> list[Mapping[str, Any]]:
    """Return the inboxes that Chatwoot lists."""
    return rows_in(payload_of(at.client.get(path_of(at.values, "/inboxes"))))


def _members(at: Open, inbox_id: int) -> list[int] | None:
    """Return the numbers of an inbox's people; None for an inbox that went away meanwhile."""
    try:
        found = payload_of(at.client.get(path_of(at.values, f"/inbox_members/{inbox_id}")))
    except Missing:
        return None
    return [number_of(row) for row in rows_in(found)]


def _check_theirs(desk: Desk, at: Open, agent_id: int, inbox_id: int) -> None:
    """Refuse who is no agent of the account, as the server would find users of others too.

    At the installation's Chatwoot refuse also what belongs to another organization.
    """
    found = next((row for row in agents.fetched(at) if number_of(row) == agent_id), None)
    if found is None:
        raise ValidationError({"agentId": ValidationError(NO_AGENT, code="invalid")})
    if not desk.is_shared_by_all:
        return
    if inbox_id not in _demo_inboxes(desk, at):
        raise ValidationError({"inboxId": ValidationError(NO_INBOX, code="invalid")})
    email = text_of(found, "email").lower()
    if not HelpdeskAgent.objects.filter(
        organization=desk.organization, integration=None, email=email
    ).exists():
        raise ValidationError({"agentId": ValidationError(NO_AGENT, code="invalid")})


def _demo_inboxes(desk: Desk, at: Open) -> set[int]:
    demos = Demo.objects.filter(
        organization=desk.organization, integration=None, inbox_id__isnull=False
    )
    return {demo.inbox_id for demo in demos if demo.inbox_id is not None and demo.place == at.place}


def _shown(row: Mapping[str, Any], people: list[int] | None) -> dict[str, Any]:
    """Return an inbox as the API answers it: what is secret in the vendor's
    answer is left behind.
    """
    kind = text_of(row, "channel_type", 100)
    return {
        "id": number_of(row),
        "name": text_of(row, "name", 200),
        "channel": KINDS.get(kind, kind.removeprefix("Channel::").lower()),
        "websiteUrl": text_of(row, "website_url", 2000),
        "agentIds": people,
    }

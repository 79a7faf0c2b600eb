"""Somebody who was invited, and the link in their mail."""

import re
from typing import Any

from crm import services
from crm.models import Invitation
from tests.support.people import organization

NEW = {"first_name": "Ada", "last_name": "Byron", "password": "a-long-good-passphrase"}


def invited(
    of: Any = None, email: str = "ada@example.com", role: str = "CLOSER", **more: Any
) -> Invitation:
    return services.invite(organization=of or organization(), email=email, role=role, **more)


def link_to(invitation: Invitation, mailoutbox: list[Any]) -> str:
    """The path that the mail holds."""
    assert services.send_invitation(invitation.pk)
    return re.search(r"http://127.0.0.1:8000(/invitations/key/\S+)", mailoutbox[-1].body)[1]


def token_to(invitation: Invitation, mailoutbox: list[Any]) -> str:
    return link_to(invitation, mailoutbox).rpartition("/")[2]

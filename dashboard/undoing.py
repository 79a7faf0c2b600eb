"""What was done, said with the button that takes it back: no "Are you sure?" beforehand."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest

PREFIX: Final = "undo:"


def offer(request: HttpRequest, text: str, address: str) -> None:
    """Say that it was done; `address` takes it back by a POST."""
    messages.success(request, text, extra_tags=f"{PREFIX}{address}")


def address_in(tags: str) -> str:
    """Return the address that takes back what a message with these tags tells of;
    '' for any other.
    """
    found = (tag.removeprefix(PREFIX) for tag in tags.split() if tag.startswith(PREFIX))
    return next(found, "")

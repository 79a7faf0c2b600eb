"""Somebody who goes from address to address."""

from typing import Any

from django.core.cache import cache
from django.test import Client

from core.models import User
from tests.support.addresses import Address
from tests.support.people import client_of


class Visitor:
    """One person, or a stranger, at every address: by token for the API, by session for pages."""

    def __init__(self, user: User | None) -> None:
        self.api = client_of(user)
        self.pages = Client(raise_request_exception=False)
        if user is not None:
            self.pages.force_login(user)

    def ask(self, address: Address, method: str, path: str) -> Any:
        """Return the answer; nobody is throttled because of the addresses before."""
        cache.clear()
        client = self.api if address.is_api else self.pages
        return client.generic(method, path, b"{}", content_type="application/json")

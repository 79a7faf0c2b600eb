"""Words that all parts of this provider share: its key, its host, its paths."""

from typing import Final

from integrations.providers.base import host

VENDOR: Final = "pipedrive"
KEY: Final = "PIPEDRIVE"
# Answers for every company; with a grant the company's own host does, which is faster.
API: Final = "https://api.pipedrive.com"
OAUTH: Final = "https://oauth.pipedrive.com"
PERSONS: Final = "/api/v2/persons"
SEARCH: Final = f"{PERSONS}/search"
FIELDS_OF_PERSONS: Final = "/api/v2/personFields"
ORGANIZATIONS: Final = "/api/v2/organizations"
# What there is of version 1 alone.
ME: Final = "/v1/users/me"
HOOKS: Final = "/v1/webhooks"
# As much of a name as is kept.
LONGEST: Final = 200


def api() -> str:
    """Return where the API is for whoever has a token."""
    return host(KEY, API)

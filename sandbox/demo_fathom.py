"""A trial's Fathom: the stand-in's key, for the installation alone.
To test it and to sync is for a person.
"""

from django.conf import settings

from fathom_sync import accounts
from sandbox.vendors.fathom import DEMO_KEYS


def load() -> None:
    """Store the key, unless there is one, or Fathom's address is not the stand-in's."""
    if "/fathom/external/" not in settings.FATHOM_API_BASE_URL:
        return
    account = accounts.installation()
    if accounts.api_key(account) is None:
        accounts.save(account, api_key=DEMO_KEYS[0], actor="demo")

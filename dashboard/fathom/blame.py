"""What a failed run over Fathom says to whom: advice to enter another key is for those
who may enter one.
"""

from functools import cached_property
from typing import Final
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from core.errors import LOST_KEY, NO_PERMISSION, UNUSABLE_KEY, BadCredentials
from core.models import Run, User
from fathom_sync import access, accounts
from fathom_sync.client import NO_KEY
from fathom_sync.ledger import reconciling
from fathom_sync.syncs import sync

KINDS: Final = (sync.KIND.key, reconciling.KIND.key)
ADVICE_ON_KEYS: Final = (BadCredentials.text, LOST_KEY, NO_KEY, NO_PERMISSION, UNUSABLE_KEY)


class Reader:
    """A person who reads of runs; whose key is the agency's is asked once."""

    def __init__(self, user: User) -> None:
        self._user = user

    def why(self, run: Run) -> str:
        """Return what went wrong; of a key that this person cannot change,
        who sees to it and that nothing is lost.
        """
        if not self._is_of_the_agencys_key(run):
            return run.why
        return _(
            "The agency's key for Fathom did not work. Operations has been told, and nothing is "
            "lost: what this run did not fetch comes as soon as the key works again."
        )

    def _is_of_the_agencys_key(self, run: Run) -> bool:
        if run.kind not in KINDS or not _advises_on_a_key(run):
            return False
        if access.may_see_installation(self._user):
            return False
        return run.subject_id == self._agencys_account

    @cached_property
    def _agencys_account(self) -> UUID:
        return accounts.installation().pk


def _advises_on_a_key(run: Run) -> bool:
    with translation.override(None):
        return run.error_said.get("text") in {str(text) for text in ADVICE_ON_KEYS}

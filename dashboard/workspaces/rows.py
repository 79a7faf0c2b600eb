"""What a card or a line says of one workspace."""

from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from bison.keys.choosing import is_expired
from bison.models import Workspace
from bison.webhooks import drift
from core.masking import BULLETS, mask_bison_key
from core.secrets.crypto import CannotOpen
from core.words import sayings
from dashboard.workspaces.choosing import MISSING, OWN, SHARED

EVENTS_SHOWN: Final = 3


def grouped(number: int) -> str:
    """Return a number with its thousands apart, as the reader writes them."""
    return str(number_format(number, force_grouping=True))


class WorkspaceRow:
    """One workspace, in words."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.name = workspace.workspace_name
        self.instance = workspace.instance.name
        self.url = reverse("dashboard:workspace", args=[workspace.pk])

    @cached_property
    def key(self) -> str:
        """Whose key calls are made with: its own, the instance's, or none."""
        if self.workspace.has_key and not is_expired(self.workspace):
            return OWN
        if self.workspace.requires_workspace_key:
            return MISSING
        return SHARED

    @property
    def key_look(self) -> str:
        return f"key.{self.key}"

    @property
    def key_mask(self) -> str:
        """The key as it may be shown; '' where it has none of its own."""
        if self.workspace.bison_api_key is None:
            return ""
        try:
            return mask_bison_key(self.workspace.bison_api_key.reveal())
        except CannotOpen:
            return BULLETS

    @property
    def key_type(self) -> str:
        if not self.workspace.bison_api_key_type:
            return ""
        return self.workspace.get_bison_api_key_type_display()

    @property
    def waits(self) -> bool:
        return self.workspace.next_api_key is not None

    @property
    def health(self) -> str:
        return self.workspace.api_health_status

    @property
    def calls_today(self) -> int:
        return self.workspace.calls_today

    @property
    def errors_today(self) -> int:
        return self.workspace.errors_today

    @property
    def calls_in_words(self) -> str:
        """Say "1,243 (99.8 % success)"."""
        if not self.calls_today:
            return _("None yet")
        calls = grouped(self.calls_today)
        return _("%(calls)s (%(share)s success)") % {"calls": calls, "share": self.success_in_words}

    @property
    def success_in_words(self) -> str:
        """Say which share of today's calls succeeded; '' where there was none.
        It is never rounded up to a whole.
        """
        if not self.calls_today:
            return ""
        tenths = 1000 * (self.calls_today - self.errors_today) // self.calls_today
        if tenths == 1000:
            return "100 %"
        return f"{number_format(tenths / 10, decimal_pos=1)} %"

    @property
    def webhook(self) -> str:
        return self.workspace.bison_webhook_status

    @property
    def events_in_words(self) -> str:
        events = self.workspace.bison_webhook_events
        shown = ", ".join(events[:EVENTS_SHOWN])
        if len(events) > EVENTS_SHOWN:
            return _("%(events)s and %(more)d more") % {
                "events": shown,
                "more": len(events) - EVENTS_SHOWN,
            }
        return shown

    @property
    def accounts_in_words(self) -> str:
        """Say how many e-mail accounts there are against those at the vendor."""
        in_koppel = self.workspace.accounts_in_koppel
        at_vendor = self.workspace.accounts_at_vendor
        if at_vendor is None:
            return ""
        return _("%(in_koppel)s of %(at_vendor)s") % {
            "in_koppel": grouped(in_koppel),
            "at_vendor": grouped(at_vendor),
        }

    @property
    def last_used(self) -> Any:
        """When it was called last, with whichever key."""
        moments = (
            self.workspace.api_last_successful_call_at,
            self.workspace.api_last_failed_call_at,
        )
        return max((moment for moment in moments if moment), default=None)

    @property
    def key_url(self) -> str:
        return f"{self.url}#key"

    @property
    def test_url(self) -> str:
        return reverse("dashboard:workspace_test", args=[self.workspace.pk])

    @property
    def logs_url(self) -> str:
        return f"{reverse('dashboard:workspace_calls')}?{urlencode({'workspace': self.name})}"

    @property
    def waits_because(self) -> str:
        """Say why the next key has not been put in use."""
        facts = self.workspace.next_api_key_facts
        return sayings.say(facts.get("why_said", {}), str(facts.get("why", "")))

    @property
    def drift_in_words(self) -> str:
        return drift.say(self.workspace.webhook_drift)

"""One integration in words: how it is, whose it is, and what would stop without it."""

from datetime import timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import vendors
from core.connections import Connection, ConnectionStatus
from core.words.states import Look, look
from integrations import registry
from integrations.models import Integration

FAILING, WORKING, UNTRIED, OFF = range(4)
NOT_TRIED: Final = "not_tested"
BEING_TRIED: Final = "being_tested"
# Longer than a worker takes to begin, and a test to end: after that nobody waits for it.
FIRST_TEST: Final = timedelta(minutes=2)
INTERVALS: Final = (
    (15, gettext_lazy("Every 15 minutes")),
    (60, gettext_lazy("Every hour")),
    (24 * 60, gettext_lazy("Every day")),
)
BY_HAND: Final = gettext_lazy("By hand")


class IntegrationRow:
    """One integration, as cards and pages show it."""

    def __init__(
        self,
        integration: Integration,
        user: Any,
        *,
        may_change: bool = False,
        may_test: bool = False,
    ) -> None:
        self.integration = integration
        self.pk = integration.pk
        self.name = integration.name
        self.provider = registry.find(integration.provider)
        self.may_change = may_change
        self.may_test = may_test and self.provider is not None
        self.is_own = integration.owner_id is not None and integration.owner_id == user.pk

    @property
    def service(self) -> str:
        """The name of its service."""
        if self.provider is None:
            return self.integration.provider.capitalize()
        return self.provider.name

    @property
    def kind(self) -> str:
        return str(self.integration.get_type_display())

    @property
    def what(self) -> str:
        """Its service and what that is used as, where the one does not say the other."""
        if self.kind == self.service:
            return self.service
        return f"{self.service} · {self.kind}"

    @property
    def url(self) -> str:
        return reverse("dashboard:integration", args=[self.pk])

    @property
    def delete_url(self) -> str:
        return reverse("dashboard:integration_delete", args=[self.pk])

    @property
    def menu_id(self) -> str:
        return f"menu-{self.pk}"

    @property
    def test_target(self) -> str:
        return f"#test-{self.pk}"

    @property
    def open_word(self) -> str:
        """What the button that leads to its page is called."""
        if self.may_change:
            return _("Edit")
        return _("Details")

    @property
    def shown(self) -> list[tuple[Any, str]]:
        """Every value as it may be shown, for those who only use it."""
        if self.provider is None:
            return []
        masked = vendors.masked(self.integration.account)
        return [(field.label, masked[field.name] or "–") for field in self.provider.vendor.boxes]

    @cached_property
    def status(self) -> ConnectionStatus:
        if self.provider is None:
            gone = _("This service is not available any more.")
            return ConnectionStatus(Connection.ERROR, cause=gone, next_step=gone)
        return vendors.state_of(self.integration.account)

    @property
    def look(self) -> Look:
        """How it is, in the house's words: what is switched off is neither well nor ill."""
        if not self.integration.is_active:
            return look("disabled")
        if self.is_being_tried:
            return look(BEING_TRIED)
        if self.is_untried:
            return look(NOT_TRIED)
        return look(self.status.state.value)

    @property
    def is_untried(self) -> bool:
        """Whether nobody knows yet whether it works."""
        return self.status.state is Connection.NOT_CONFIGURED and self.is_filled

    @property
    def is_being_tried(self) -> bool:
        """Whether its first test, which begins as soon as it is connected, is still awaited."""
        is_new = timezone.now() - self.integration.created_at < FIRST_TEST
        return is_new and self.integration.is_active and self.is_untried

    @cached_property
    def is_filled(self) -> bool:
        """Whether everything is there that a test needs."""
        if self.provider is None:
            return False
        return vendors.current(self.integration.account).are_enough_for(self.provider.vendor)

    @property
    def is_failing(self) -> bool:
        return self.integration.is_active and self.status.state is Connection.ERROR

    @property
    def place(self) -> int:
        """Where it stands in a list: failing first, switched off last."""
        if not self.integration.is_active:
            return OFF
        if self.is_failing:
            return FAILING
        if self.status.is_connected:
            return WORKING
        return UNTRIED

    @cached_property
    def waits(self) -> bool:
        return self.provider is not None and vendors.has_next(self.integration.account)

    @property
    def owner(self) -> str:
        owner = self.integration.owner
        if owner is None:
            return ""
        return owner.get_full_name() or owner.get_username()

    @property
    def schedule(self) -> str:
        """How often its contacts are fetched."""
        minutes = self.integration.sync_every
        if minutes is None:
            return str(BY_HAND)
        known = dict(INTERVALS)
        if minutes in known:
            return str(known[minutes])
        return _("Every %(n)d minutes") % {"n": minutes}

    @property
    def grant(self) -> Any:
        """What the service granted by a sign-in; None where nobody signed in."""
        return getattr(self.integration, "oauth_grant", None)

    @property
    def signed_in_as(self) -> str:
        """Whose account it is at the service."""
        if self.grant is None:
            return ""
        return str(self.grant)

    @property
    def grant_look(self) -> Look:
        if self.grant.is_live:
            return look("signed_in")
        return look("revoked")

    @property
    def has_contacts(self) -> bool:
        return self.provider is not None and self.provider.contacts is not None

    def stops(self) -> list[str]:
        """Say what would stop if it were deleted."""
        found = []
        if self.integration.sync_every:
            found.append(_("Its schedule ends: no contacts are fetched any more."))
        if self.integration.is_shared:
            found.append(_("Colleagues who use it lose it too."))
        served = len(self.integration.stands_in_for.all())
        if served:
            found.append(_("What it stands in for is left without a stand-in."))
        return found

"""What is done with chosen integrations: each act is the service that page and API call,
and has its permission.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import acting
from core.admin.acting import Answer
from core.admin.base import HouseAdmin
from integrations import access, registry, services
from integrations.models import Integration
from integrations.oauth import leaving
from integrations.tiers import TierLimit

Chosen = QuerySet[Integration]
GONE = _("This service is not available any more.")


class Acts(HouseAdmin):
    """The acts of the list, and of one integration's page."""

    actions: Any = ("test", "switch_on", "switch_off", "disconnect")
    object_acts = actions

    def acts_on(self, row: Any) -> list[str]:
        """Leave out what has no meaning for this integration as it is."""
        without = {"switch_on" if row.is_active else "switch_off"}
        grant = getattr(row, "oauth_grant", None)
        if grant is None or not grant.is_live:
            without.add("disconnect")
        if registry.find(row.provider) is None:
            without |= {"test", "switch_on"}
        return [name for name in self.object_acts if name not in without]

    @admin.action(description=_("Test connection"), permissions=["test"])
    def test(self, request: HttpRequest, chosen: Chosen) -> None:
        def act(integration: Integration) -> Answer:
            if registry.find(integration.provider) is None:
                return Answer(str(GONE), is_good=False)
            tested = services.try_stored(integration, actor=request.user, request=request)
            return Answer(tested.message or str(_("The connection works.")), is_good=tested.success)

        acting.with_each(request, chosen, act)

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, chosen: Chosen) -> None:
        def act(integration: Integration) -> Answer:
            try:
                services.activate(integration, actor=request.user, request=request)
            except TierLimit as limit:
                return Answer(str(limit), is_good=False)
            except LookupError:
                return Answer(str(GONE), is_good=False)
            return Answer(str(_("It is switched on.")))

        acting.with_each(request, chosen, act)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, chosen: Chosen) -> None:
        def act(integration: Integration) -> Answer:
            services.deactivate(integration, actor=request.user, request=request)
            return Answer(str(_("It is switched off.")))

        acting.with_each(request, chosen, act)

    @admin.action(description=_("Disconnect"), permissions=["disconnect"])
    def disconnect(self, request: HttpRequest, chosen: Chosen) -> None:
        def act(integration: Integration) -> Answer:
            return Answer(
                str(leaving.disconnect(integration, actor=request.user, request=request).message)
            )

        acting.with_each(request, chosen, act)

    def has_test_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(access.TEST)

    def has_disconnect_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(access.DISCONNECT)

"""What vendors granted by a sign-in: whose account it is and how it is;
its tokens are shown nowhere.
"""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin.base import AppendOnlyAdmin, moment
from core.words.pills import pill
from integrations.models import OAuthGrant


@admin.register(OAuthGrant)
class OAuthGrantAdmin(AppendOnlyAdmin):
    """The grants. They come of sign-ins, and go when an integration is disconnected."""

    list_display = (
        "integration",
        "account",
        "status",
        moment("last_refreshed_at", _("last renewed")),
        moment("expires_at", _("until")),
    )
    list_filter = ("state", "reason")
    list_select_related = ("integration",)
    search_fields = ("integration__name", "external_account_name", "external_account_id", "=id")
    ordering = ("-last_refreshed_at", "-id")
    fields = (
        "integration",
        "account",
        "external_account_id",
        "status",
        "reason",
        "scopes",
        "api_base",
        "place",
        moment("gone_at", _("gone since")),
        moment("last_refreshed_at", _("last renewed")),
        moment("expires_at", _("until")),
        moment("created_at", _("created")),
    )
    readonly_fields = fields

    @admin.display(description=_("account at the vendor"), ordering="external_account_name")
    def account(self, grant: OAuthGrant) -> str:
        return str(grant)

    @admin.display(description=_("status"), ordering="state")
    def status(self, grant: OAuthGrant) -> SafeString:
        if grant.is_live:
            return pill("signed_in")
        return pill("revoked")

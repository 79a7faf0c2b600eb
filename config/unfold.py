"""The look of the admin: Unfold's own settings, each pointing at what
`core.admin.site` makes of them.
"""

from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": "Koppel",
    "SITE_HEADER": "Koppel",
    "SITE_SUBHEADER": _("Operations"),
    "SITE_URL": "/",
    "SITE_ICON": "core.admin.site.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "core.admin.site.icon"}],
    "ENVIRONMENT": "core.admin.site.environment",
    "GLOBAL_CALLBACK": "core.admin.site.context",
    "DASHBOARD_CALLBACK": "core.admin.home.context",
    "STYLES": ["core.admin.site.stylesheet"],
    "THEME": "core.admin.site.theme",
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": "core.admin.site.language_action"},
    "ACCOUNT": {"navigation": "core.admin.site.account_links"},
    "COMMAND": {"search_callback": "core.admin.finding.found"},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "core.admin.site.navigation",
    },
}

"""Koppel's own pages, found by what they are called."""

from django.utils.translation import gettext as _

from dashboard.navigation import Item, Shell
from dashboard.search.asking import Asked, Group, Hit, group


def pages(asked: Asked) -> Group:
    """Return the pages that the person has, whose names have the words."""
    found = [item for item in everywhere(asked.shell) if asked.is_in(str(item.label))]
    return group("page", _("Pages"), [Hit(item.label, "", item.url, item.icon) for item in found])


def everywhere(shell: Shell) -> list[Item]:
    """Return each page of the navigation and of the settings once."""
    items = [item for section in shell.navigation for item in section.items]
    known = {item.url for item in items}
    return items + [item for item in shell.settings if item.url not in known]

"""Whose home this is: by the role in the organization that the person looks at,
and for staff by what they may do.

Staff have the home of operations, auditors one of their own. An ADMIN, who is internal, has the
CEO's of the organization that they look at. Who belongs nowhere yet reads what this is, and the one
thing to do.
"""

from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.models import User
from crm import access
from crm.models import Member
from dashboard.home import auditor, ceo, closer, manager, operations, setter, steps
from dashboard.navigation import Shell
from dashboard.sources import pages
from dashboard.sources.pages import Summary

NOBODY: Final = "newcomer"
OF_ROLES: Final[dict[str, str]] = {
    Member.Role.CLOSER: "closer",
    Member.Role.SETTER: "setter",
    Member.Role.MANAGER: "manager",
    Member.Role.CEO: "ceo",
    Member.Role.ADMIN: "ceo",
}
# Until when, by the clock on the wall, which greeting is the right one.
NOON, EVENING, NIGHT_ENDS = 12, 18, 5


def home(user: User, shell: Shell) -> dict[str, Any]:
    """Return what the person's home shows, and in `kind` whose it is."""
    access.remember_memberships(user)
    kind = kind_of(user, shell)
    organization = None
    if not shell.is_staff:
        organization = shell.current
    sources = _sources(user, shell, kind)
    return {
        "kind": kind,
        "greeting": greeting(user),
        "today": date_format(timezone.localdate(), "l j F"),
        "checklist": steps.checklist(user, organization, sources),
        **_page(kind, user, shell, sources),
    }


def kind_of(user: User, shell: Shell) -> str:
    """Return which home this person has where they look."""
    if shell.is_staff:
        if auditor.is_auditor(user):
            return "auditor"
        return "operations"
    return OF_ROLES.get(shell.role, NOBODY)


def _sources(user: User, shell: Shell, kind: str) -> Summary | None:
    """Read what each source holds for whoever looks after sources."""
    if kind in ("operations", "ceo"):
        return pages.summary(user, shell.scope)
    return None


def _page(kind: str, user: User, shell: Shell, sources: Summary | None) -> dict[str, Any]:
    if kind == "closer":
        return closer.page(user, shell)
    if kind == "setter":
        return setter.page(user, shell)
    if kind == "manager":
        return manager.page(user, shell)
    if kind == "auditor":
        return auditor.page()
    if kind == "ceo" and sources is not None:
        return ceo.page(user, shell, sources)
    if kind == "operations" and sources is not None:
        return operations.page(user, shell, sources)
    return {}


def greeting(user: User) -> str:
    """Say good morning, afternoon or evening by the person's clock, with their first name
    where they gave one.
    """
    hour = timezone.localtime().hour
    words, named = _("Good evening"), _("Good evening, %(name)s")
    if NIGHT_ENDS <= hour < NOON:
        words, named = _("Good morning"), _("Good morning, %(name)s")
    if NOON <= hour < EVENING:
        words, named = _("Good afternoon"), _("Good afternoon, %(name)s")
    if not user.first_name.strip():
        return words
    return named % {"name": user.first_name.strip()}

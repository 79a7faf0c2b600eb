"""What stands in the navigation: only pages that exist, and only for whoever may open them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from bison import access as bison
from core import vendors
from core.models import User
from crm import access
from crm.current import current_organization, is_chosen
from crm.models import Member, Organization
from crm.privacy import asking as erasing
from crm.services import incidents
from dashboard.fathom import link
from integrations import access as integrations

# What is said of one page: its word, the name of its address (or the address), its picture.
Entry = tuple[str | Promise, str, str]
# The letters that stand for pages after g.
KEYS: Final = {
    "dashboard:home": "h",
    "dashboard:schedule": "s",
    "dashboard:calls": "c",
    "dashboard:people": "p",
    "dashboard:reps": "r",
    "dashboard:call_statistics": "t",
    "dashboard:sources": "o",
    "dashboard:incidents": "i",
    "dashboard:integrations": "n",
    "dashboard:runs": "a",
    "dashboard:profile": ",",
    "dashboard:workspaces": "e",
}
# So many have room beside the search.
FIRST: Final = 4
OWNERS: Final = (Member.Role.CEO, Member.Role.ADMIN)


@dataclass(frozen=True)
class Item:
    label: str | Promise
    url: str
    icon: str
    current: bool
    badge: int = 0
    # After g it leads there.
    key: str = ""


@dataclass(frozen=True)
class Section:
    heading: str | Promise
    items: list[Item]


class Shell:
    """What the frame of a page shows of the person: asked for once,
    and only when a template does ask.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def user(self) -> User | None:
        user = getattr(self.request, "user", None)
        if not isinstance(user, User):
            return None
        return user

    @cached_property
    def theme(self) -> str:
        """Return light, dark, or '' for whatever the system says."""
        chosen = self.user.theme if self.user else self.request.COOKIES.get("koppel_theme", "")
        if chosen not in ("light", "dark"):
            return ""
        return chosen

    @cached_property
    def name(self) -> str:
        if not self.user:
            return ""
        return self.user.get_full_name() or self.user.get_username()

    @property
    def is_staff(self) -> bool:
        return bool(self.user and access.sees_everything(self.user))

    @cached_property
    def _memberships(self) -> list[Member]:
        if not self.user:
            return []
        return access.memberships_of(self.user)

    @cached_property
    def current(self) -> Organization | None:
        """The organization that the person is looking at."""
        return current_organization(self.request, self._memberships)

    @property
    def organization(self) -> str:
        if not self.current:
            return ""
        return self.current.name

    @cached_property
    def organizations(self) -> list[Organization]:
        """Return those between which they may switch; empty for people of one."""
        own = [member.organization for member in self._memberships]
        if len(own) <= 1:
            return []
        return own

    @cached_property
    def scope(self) -> UUID | None:
        """Return the organization that lists are cut to; None for staff who look at all
        that they may see.
        """
        if self.current is None:
            return None
        if self.is_staff and not self.is_cut:
            return None
        return self.current.pk

    @cached_property
    def is_cut(self) -> bool:
        """Whether lists are cut to an organization that the person chose."""
        return self.current is not None and is_chosen(self.request, self.current)

    @cached_property
    def role(self) -> str:
        """Return their role in the organization that they look at;
        '' for staff without one and for strangers.
        """
        roles = {member.organization_id: member.role for member in self._memberships}
        if Member.Role.ADMIN in roles.values():
            return Member.Role.ADMIN
        if not self.current:
            return ""
        return roles.get(self.current.pk, "")

    @property
    def sees_runs(self) -> bool:
        return self.is_staff or self.role in access.RUNS_THE_ORGANIZATION

    @property
    def sees_integrations(self) -> bool:
        """Whether there are pages of integrations for them: members have their own,
        staff see them by permission.
        """
        if self.user and integrations.as_staff(self.user, integrations.SEE):
            return True
        return bool(self._memberships)

    @property
    def sees_sources(self) -> bool:
        """Whether they look after what comes in from elsewhere: whoever runs an organization,
        and staff who may.
        """
        if not self.user or not self.is_staff:
            return self.sees_runs
        if self.syncs_fathom or bison.may(self.user, bison.SEE):
            return True
        return self.sees_integrations

    @property
    def owns(self) -> bool:
        """Whether the person says what the organization has chosen: CEO, ADMIN, staff who may."""
        if self.current is None:
            return False
        return self.role in OWNERS or bool(
            self.user and self.is_staff and access.owns(self.user, self.current.pk)
        )

    @cached_property
    def navigation(self) -> list[Section]:
        sections = [Section("", self._badged(self._items(self._work())))]
        if self._is_in_settings and any(item.current for item in self.settings):
            sections[0].items[-1] = replace(sections[0].items[-1], current=True)
        if self.is_staff:
            sections.append(Section(_("Agency"), self._items(self._agency())))
        return sections

    @property
    def first_items(self) -> list[Item]:
        """Return the pages that stand under the thumb on a phone."""
        return self.navigation[0].items[:FIRST]

    @property
    def keys(self) -> list[Item]:
        """Return the pages that a letter after g leads to."""
        return [item for section in self.navigation for item in section.items if item.key]

    @cached_property
    def settings_groups(self) -> list[Section]:
        """The menu that all pages of settings share (templates/dashboard/settings.html):
        what is whose.
        """
        groups = [
            (_("You"), self._own_settings()),
            (_("Organization"), self._of_the_organization()),
            (_("Connections"), self._connections()),
        ]
        found = [Section(label, self._items(entries)) for label, entries in groups]
        return [group for group in found if group.items]

    @property
    def settings(self) -> list[Item]:
        """Every page of settings that the person has."""
        return [item for group in self.settings_groups for item in group.items]

    def _agency(self) -> Iterable[Entry]:
        if self.user and bison.may(self.user, bison.SEE):
            yield _("Email Bison"), "dashboard:workspaces", "inbox"
        elif self.user and bison.may(self.user, bison.SEE_CALLS):
            yield _("Email Bison"), "dashboard:workspace_calls", "inbox"
        yield _("Administration"), "admin:index", "wrench"

    def _work(self) -> Iterable[Entry]:
        yield _("Home"), "dashboard:home", "layout-dashboard"
        if self.is_staff or self._memberships:
            yield _("Schedule"), "dashboard:schedule", "calendar-days"
            yield _("Calls"), "dashboard:calls", "phone"
            yield _("People"), "dashboard:people", "user-round"
            yield _("Reps"), "dashboard:reps", "users"
            yield _("Statistics"), "dashboard:call_statistics", "chart-column"
        if self.sees_sources:
            yield _("Sources"), "dashboard:sources", "database"
        if self.sees_runs:
            yield _("Incidents"), "dashboard:incidents", "triangle-alert"
        if self.sees_integrations:
            yield _("Integrations"), "dashboard:integrations", "link"
        if self.sees_runs:
            yield _("Activity"), "dashboard:runs", "activity"
        # The last one: it stands for every page of settings.
        yield _("Settings"), "dashboard:profile", "settings"

    def _own_settings(self) -> Iterable[Entry]:
        """Return what everybody chooses for themselves."""
        yield _("Profile"), "dashboard:profile", "user-round"
        yield _("Security"), "mfa_index", "shield-check"
        if self.sees_runs:
            yield _("Notifications"), "dashboard:notifications", "bell"

    def _is_staff_with(self, permission: str) -> bool:
        if self.user is None or not self.is_staff:
            return False
        return self.user.has_perm(permission)

    def _of_the_organization(self) -> Iterable[Entry]:
        """Return what is chosen for everybody in an organization."""
        if self.owns or self._is_staff_with("crm.change_organization"):
            yield _("Organization"), "dashboard:organization_settings", "building-2"
        if self._memberships or self._is_staff_with("crm.view_member"):
            yield _("Team"), "dashboard:team", "users"
        if self.owns:
            yield _("Calls"), "dashboard:call_settings", "phone"
        if self._erases:
            yield _("Privacy"), "dashboard:privacy", "lock"

    def _connections(self) -> Iterable[Entry]:
        """Return what Koppel is connected with for them."""
        if self._links_fathom:
            yield _("Fathom link"), "dashboard:fathom_link", "link"
        if self.syncs_fathom:
            yield _("Fathom sync"), "dashboard:fathom_sync", "refresh-cw"
        if self.is_staff or self.owns:
            for vendor in vendors.declared():
                if vendor.has_own_page:
                    continue
                yield vendor.name, reverse("dashboard:account", args=[vendor.key]), "link"
        if self._links_fathom or self.syncs_fathom:
            yield _("FAQ"), "dashboard:faq", "info"

    @property
    def _erases(self) -> bool:
        """Whether the person answers for whoever asks to be shown or forgotten."""
        if self.is_staff and not self.is_cut:
            return bool(self.user and self.user.has_perm(erasing.PERMISSION))
        return self.owns

    def _badged(self, items: list[Item]) -> list[Item]:
        """Put beside the incidents how many wait for somebody."""
        if not self.user or not self.sees_runs:
            return items
        address = reverse("dashboard:incidents")
        return [
            replace(item, badge=self.waiting_incidents) if item.url == address else item
            for item in items
        ]

    @cached_property
    def waiting_incidents(self) -> int:
        """Return how many incidents nobody has acknowledged or snoozed."""
        if not self.user:
            return 0
        return incidents.needing_attention(self.user, self.scope, self._memberships).count()

    @property
    def syncs_fathom(self) -> bool:
        """Whoever runs an organization, and staff who look at what was fetched."""
        if self.is_staff:
            return bool(self.user and self.user.has_perm("fathom_sync.view_fathommeeting"))
        return self.sees_runs

    @property
    def _links_fathom(self) -> bool:
        """Whoever says what key stands there, and reps for their own:
        looked for only where the tabs are shown.
        """
        if self.is_staff or self.owns:
            return True
        return bool(self._is_in_settings and self.user and link.own_rep(self.user, self.current))

    @property
    def _is_in_settings(self) -> bool:
        """What the tabs of settings ask for is asked on their own pages alone."""
        return self.request.path_info.startswith(("/settings/", "/account/"))

    def _items(self, entries: Iterable[Entry]) -> list[Item]:
        path = self.request.path_info
        items = []
        for label, name, icon in entries:
            url = name
            if not name.startswith("/"):
                url = reverse(name)
            below = url != "/" and path.startswith(url.rstrip("/") + "/")
            items.append(
                Item(
                    label,
                    url,
                    icon,
                    path.rstrip("/") == url.rstrip("/") or below,
                    key=KEYS.get(name, ""),
                )
            )
        return _only_the_nearest(items)


def _only_the_nearest(items: list[Item]) -> list[Item]:
    """Keep the longer of two entries that the person is below ("/calls" and "/calls/reps")."""
    nearest = max(
        (item for item in items if item.current), key=lambda item: len(item.url), default=None
    )
    return [replace(item, current=item is nearest) for item in items]


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Give templates their `{{ shell }}`: a context processor."""
    return {"shell": Shell(request)}

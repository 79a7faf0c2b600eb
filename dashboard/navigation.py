"""What stands in the navigation: only pages that exist, and only for whoever may open them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from core.models import User
from crm import access
from crm.current import current_organization
from crm.models import Member, Organization


@dataclass(frozen=True)
class Item:
    label: str | Promise
    url: str
    icon: str
    current: bool


@dataclass(frozen=True)
class Section:
    heading: str | Promise
    items: list[Item]


class Shell:
    """What the frame of a page shows of the person: asked for once, and only when a template does ask."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def user(self) -> User | None:
        user = getattr(self.request, "user", None)
        return user if isinstance(user, User) else None

    @cached_property
    def theme(self) -> str:
        """light, dark, or '' for whatever the system says."""
        chosen = self.user.theme if self.user else self.request.COOKIES.get("koppel_theme", "")
        return chosen if chosen in ("light", "dark") else ""

    @cached_property
    def name(self) -> str:
        return (self.user.get_full_name() or self.user.get_username()) if self.user else ""

    @property
    def is_staff(self) -> bool:
        return bool(self.user and access.sees_everything(self.user))

    @cached_property
    def _memberships(self) -> list[Member]:
        return access.memberships_of(self.user) if self.user else []

    @cached_property
    def current(self) -> Organization | None:
        """The organization that the person is looking at."""
        return current_organization(self.request, self._memberships)

    @property
    def organization(self) -> str:
        return self.current.name if self.current else ""

    @cached_property
    def organizations(self) -> list[Organization]:
        """Between which they may switch; empty for those of one."""
        mine = [member.organization for member in self._memberships]
        return mine if len(mine) > 1 else []

    @cached_property
    def sees_runs(self) -> bool:
        return self.is_staff or any(member.role in access.RUNS_THE_ORGANIZATION for member in self._memberships)

    @cached_property
    def navigation(self) -> list[Section]:
        sections = [Section("", self._items(self._work())), Section(_("Settings"), self._items(self._settings()))]
        if self.is_staff:
            sections.append(Section(_("Agency"), self._items([(_("Administration"), "admin:index", "wrench")])))
        return sections

    def _work(self) -> Iterable[tuple[str | Promise, str, str]]:
        yield _("Overview"), "dashboard:home", "layout-dashboard"
        if self.sees_runs:
            yield _("Runs"), "dashboard:runs", "activity"

    def _settings(self) -> Iterable[tuple[str | Promise, str, str]]:
        yield _("Profile"), "dashboard:profile", "user-round"
        yield _("Security"), "mfa_index", "shield-check"

    def _items(self, entries: Iterable[tuple[str | Promise, str, str]]) -> list[Item]:
        here = self.request.path_info
        items = []
        for label, name, icon in entries:
            url = reverse(name)
            below = url != "/" and here.startswith(url.rstrip("/") + "/")
            items.append(Item(label, url, icon, here.rstrip("/") == url.rstrip("/") or below))
        return items


def shell(request: HttpRequest) -> dict[str, Shell]:
    """The context processor behind `{{ shell }}`."""
    return {"shell": Shell(request)}

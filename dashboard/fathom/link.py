"""Settings → Fathom link: a key and a webhook secret, whether they work,
and new calls as they come.

The page speaks of one account: the installation's or an organization's for staff, one's
organization's for CEO and ADMIN (and its reps' own), one's own for a rep. Whose it is, is asked of
`fathom_sync.access`, as the API does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core import vendors
from core.connections import Connection, ConnectionStatus, TestResult
from core.masking import Secret
from core.models import User
from core.words.states import Look, look
from crm import access as crm_access
from crm.current import current_organization
from crm.models import Organization, SalesRep
from dashboard.fathom.forms import ChooseAccount, ChooseRep
from fathom_sync import access, accounts
from fathom_sync.accounts import registration
from fathom_sync.accounts.vendor import FOR_EVERYBODY
from fathom_sync.models import FathomAccount
from fathom_sync.serializers.settings import masked_key

MOST_CHOICES: Final = 500


@dataclass(frozen=True)
class Place:
    """The account that the page speaks of, and its address."""

    account: FathomAccount
    may_change: bool
    query: str = ""

    @property
    def url(self) -> str:
        return reverse("dashboard:fathom_link") + self.query

    def at(self, name: str) -> str:
        return reverse(f"dashboard:{name}") + self.query


def is_for(user: User, organization: Organization | None) -> bool:
    """Tell whether there is such a page for this person."""
    if access.may_see_installation(user):
        return True
    if organization is not None and access.may_change_account(user, organization):
        return True
    return own_rep(user, organization) is not None


def place(request: HttpRequest, user: User) -> Place:
    """Return what the address names, or where the person belongs;
    Http404 for what is not theirs.
    """
    owner, query = _owner(request, user)
    if not access.may_see_account(user, owner):
        raise Http404
    return Place(
        accounts.account_for(owner),
        access.may_change_account(user, owner),
        f"?{urlencode(query)}" if query else "",
    )


def own_rep(user: User, organization: Organization | None) -> SalesRep | None:
    """Return the rep that this person is, where they look."""
    reps = SalesRep.objects.select_related("member").filter(member__user=user, archived_at=None)
    if not organization:
        return None
    return reps.filter(organization=organization).first()


def page(request: HttpRequest, user: User, at: Place) -> dict[str, Any]:
    """Return all that the page shows beside its form."""
    account = at.account
    return {
        "place": at,
        "account": account,
        "whose": _whose(account),
        **_state(account),
        "key": masked_key(accounts.api_key(account)),
        "has_own_secret": accounts.webhook_secret(account) is not None,
        "from_environment": _is_from_environment(account),
        "serves": _served_by(account),
        "of_another_key": registration.is_of_another_key(account),
        "webhook_address": registration.address(account),
        "has_next": vendors.has_next(accounts.link_of(account)),
        "waiting_url": at.at("fathom_link_waiting"),
        "test_url": at.at("fathom_link_test"),
        "remove_url": at.at("fathom_link_remove"),
        "webhook_url": at.at("fathom_link_webhook"),
        "page_url": reverse("dashboard:fathom_link"),
        "choose": _choice_of_account(request, user),
        **_reps(user, account),
    }


def tested(account: FathomAccount, checked: TestResult) -> dict[str, Any]:
    """Return what a test of the connection says, and how the connection stands since."""
    found = checked.facts
    count = str(found.get("calls_count", ""))
    if not found.get("calls_count_is_exact", True):
        count = _("%(count)d or more") % {"count": found["calls_count"]}
    return {
        "checked": checked,
        "facts": [
            (_("Team"), found.get("team_name") or _("None")),
            (_("Calls that this key shows"), count),
        ],
        **_state(account),
    }


def _state(account: FathomAccount) -> dict[str, Any]:
    """Return the badge, and since when that is known."""
    status = accounts.state_of(account)
    return {
        "state": _badge(status, has_key=accounts.api_key(account) is not None),
        "known_at": status.last_checked,
    }


def _badge(status: ConnectionStatus, *, has_key: bool) -> Look:
    """Return the look of a state. A key that nobody has tried yet is neither good nor missing."""
    if status.state is Connection.NOT_CONFIGURED and has_key:
        return look("not_tested")
    return look(str(status.state))


def _owner(
    request: HttpRequest, user: User
) -> tuple[Organization | SalesRep | None, Mapping[str, str]]:
    rep, organization = _uuid(request.GET, "rep"), _uuid(request.GET, "organization")
    if rep:
        found = (
            crm_access.reps_for(user)
            .select_related("member", "organization")
            .filter(pk=rep)
            .first()
        )
        if found is None:
            raise Http404
        return found, {"rep": str(rep)}
    if organization:
        named = crm_access.organizations_for(user).filter(pk=organization).first()
        theirs = {member.organization_id for member in crm_access.memberships_of(user)}
        if named is None:
            raise Http404
        if named.pk not in theirs and not access.may_see_installation(user):
            raise Http404
        return named, {"organization": str(organization)}
    if access.may_see_installation(user):
        return None, {}
    current = current_organization(request)
    if current is None:
        raise Http404
    as_rep = own_rep(user, current)
    if as_rep and not access.may_change_account(user, current):
        return as_rep, {}
    return current, {}


def _uuid(given: Mapping[str, Any], name: str) -> UUID | None:
    text = given.get(name)
    try:
        if not text:
            return None
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _whose(account: FathomAccount) -> str:
    owned = account.rep_id or account.organization_id
    if owned:
        return _("Account of %(name)s") % {"name": account}
    return _("Account of the whole installation")


def _is_from_environment(account: FathomAccount) -> bool:
    """Tell whether the key was set where the server is started:
    it cannot be removed here, only replaced.
    """
    return accounts.source(account) == "environment"


def _served_by(account: FathomAccount) -> str:
    """Say whether the installation's account brings this organization's calls;
    '' where there is none.
    """
    if account.organization_id is None or account.rep_id:
        return ""
    if accounts.api_key(account) is not None:
        return ""
    theirs = accounts.installation()
    key: Secret | None = accounts.api_key(theirs)
    if key is None:
        return ""
    if accounts.status(theirs) is Connection.ERROR:
        return str(FOR_EVERYBODY)
    return _(
        "Your calls come in through the agency's account already. A key of your own adds what only "
        "your own people can see."
    )


def _choice_of_account(request: HttpRequest, user: User) -> ChooseAccount | None:
    if not access.may_see_installation(user):
        return None
    named = (
        crm_access.organizations_for(user).order_by("name").values_list("pk", "name")[:MOST_CHOICES]
    )
    return ChooseAccount(request.GET, named)


def _reps(user: User, account: FathomAccount) -> dict[str, Any]:
    """Return the reps' own accounts, on the page of an organization's."""
    if account.rep_id or account.organization_id is None:
        return {}
    if not access.may_change_account(user, account.organization):
        return {}
    own = accounts.with_keys().filter(organization_id=account.organization_id, rep__isnull=False)
    theirs = list(own.select_related("rep").order_by("rep__name", "pk")[:MOST_CHOICES])
    others = SalesRep.objects.filter(organization_id=account.organization_id, archived_at=None)
    others = others.exclude(pk__in=[account.rep_id for account in theirs]).order_by("name", "pk")
    states = accounts.states(theirs)
    rows = [
        (account.rep, _badge(states[account.pk], has_key=True), states[account.pk].last_checked)
        for account in theirs
    ]
    return {"reps": rows, "choose_rep": ChooseRep(others.values_list("pk", "name")[:MOST_CHOICES])}

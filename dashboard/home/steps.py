"""What a new person does first, by what they may do: a list that shrinks as it is done,
and goes when all is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bison import access as bison
from bison.models import Instance
from core.connections import Connection
from core.models import AlertChannel, User
from crm import access
from crm.models import Organization
from dashboard.sources import rows
from dashboard.sources.pages import Summary
from fathom_sync import access as fathom_access
from fathom_sync import accounts
from fathom_sync.accounts.vendor import FOR_EVERYBODY


@dataclass(frozen=True)
class Step:
    """Something to do first; shown until all of a person's are done."""

    title: str | Promise
    text: str | Promise
    url: str
    icon: str
    done: bool
    needs_attention: bool = False


@dataclass(frozen=True)
class Checklist:
    """The steps of a person; `is_fresh` while none is done."""

    steps: Sequence[Step]

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def is_fresh(self) -> bool:
        return self.done == 0

    @property
    def open(self) -> list[Step]:
        return [step for step in self.steps if not step.done]


def checklist(
    user: User, organization: Organization | None, sources: Summary | None
) -> Checklist | None:
    """Return what is to be done first; None when all of it is.

    `sources`: what they look after, for whoever looks after any.
    """
    found = Checklist(first_steps(user, organization, sources))
    if not found.open:
        return None
    return found


def first_steps(
    user: User, organization: Organization | None, sources: Summary | None
) -> list[Step]:
    """Return the steps of a person, by what they may do; those of staff are of the installation."""
    known = _known(user)
    steps = [
        Step(
            _("Complete your profile"),
            _("Your name, your language and the time zone in which you read times."),
            reverse("dashboard:profile"),
            "user-round",
            bool(user.first_name),
        ),
        Step(
            _("Protect your account"),
            _("A code from your phone, beside your password."),
            reverse("mfa_index"),
            "shield-check",
            known["has_second_factor"],
        ),
    ]
    if access.sees_everything(user):
        steps += _staff_steps(user, known)
    if sources is not None and fathom_access.may_change_account(user, organization):
        steps.append(_link_fathom(organization, sources))
    return steps


def _known(user: User) -> dict[str, bool]:
    """Look in one query for what the steps lead to; of the installation's only for staff."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    asked = {"has_second_factor": Exists(factors)}
    if access.sees_everything(user):
        asked |= {
            "has_organization": Exists(Organization.objects.all()),
            "has_instance": Exists(Instance.objects.all()),
            "has_channel": Exists(AlertChannel.objects.filter(is_enabled=True)),
        }
    found: Any = User.objects.filter(pk=user.pk).values(**asked).get()
    return dict(found)


def _link_fathom(organization: Organization | None, sources: Summary) -> Step:
    """Return the step of the key that brings the calls; a connection that fails is not done,
    whoever has to mend it.
    """
    fathom = next((row for row in sources.rows if row.kind == rows.FATHOM), None)
    is_linked = fathom is not None and fathom.connection != rows.OFF
    is_failing = fathom is not None and fathom.connection == rows.ERROR
    text: str | Promise = _(
        "Recorded calls come into the library by themselves. It takes a key and two minutes."
    )
    if is_failing:
        text = _(
            "The connection does not work at the moment. Test it, and enter another key if this "
            "one is refused."
        )
        if _is_up_to_others(organization):
            text = FOR_EVERYBODY
    return Step(
        _("Link Fathom"),
        text,
        reverse("dashboard:fathom_link"),
        "link",
        is_linked and not is_failing,
        needs_attention=is_failing,
    )


def _is_up_to_others(organization: Organization | None) -> bool:
    """Tell whether all that fails is the installation's, while the reader looks
    at one organization.
    """
    if organization is None:
        return False
    shared = [account for account in accounts.serving(organization.pk) if account.rep_id is None]
    states = accounts.states(shared)
    failing = [account for account in shared if states[account.pk].state is Connection.ERROR]
    return bool(failing) and all(account.organization_id is None for account in failing)


def _staff_steps(user: User, known: dict[str, bool]) -> list[Step]:
    steps = []
    if user.has_perm("crm.add_organization"):
        steps.append(
            Step(
                _("Add an organization"),
                _("A client of the agency, with the people who work there."),
                reverse("admin:crm_organization_add"),
                "building-2",
                known["has_organization"],
            )
        )
    if bison.may(user, bison.CHANGE_INSTANCES):
        steps.append(
            Step(
                _("Connect Email Bison"),
                _("Its address and a super-admin key; Koppel looks for the workspaces by itself."),
                reverse("dashboard:add_instance"),
                "inbox",
                known["has_instance"],
            )
        )
    if user.has_perm("core.add_alertchannel"):
        steps.append(
            Step(
                _("Say where alerts go"),
                _("By e-mail, to Slack or as a text message, as soon as something breaks."),
                reverse("admin:core_alertchannel_add"),
                "bell",
                known["has_channel"],
            )
        )
    return steps

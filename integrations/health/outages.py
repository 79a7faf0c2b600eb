"""What does not answer, as incidents: one for each host, however many integrations
it takes with it.

A key that is refused is its account's own incident (`core.vendors`). A host that does not answer is
nobody's fault here. Two rounds in a row open its incident and two close it, so that whatever goes
to and fro tells nobody anything.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import incidents, vendors
from core.errors import VendorError
from core.models import Incident, Watch
from core.vendors import Values
from core.words.sayings import Saying
from integrations import naming, registry
from integrations.models import Integration
from integrations.providers.base import Provider

ROUNDS: Final = 2
PREFIX: Final = "integrations_host:"
TITLE: Final = _("%(host)s does not answer")
ADVICE: Final = _(
    "%(error)s What is connected to it (%(count)d) waits until it answers again; syncs fetch "
    "what is missed."
)
ALONE: Final = _("%(name)s gets no answer from %(host)s")
ALONE_ADVICE: Final = _(
    "%(error)s Others do get one. Test the connection; its log of calls says what was answered."
)
FOR_EVERYBODY: Final = _(
    "What you have connected to it waits until it answers again. There is nothing to do for you."
)


@dataclass(frozen=True, slots=True)
class Place:
    """What an integration is connected to: a host of an organization's own,
    or a vendor that all share.
    """

    host: str
    organization_id: Any = None

    @property
    def cause(self) -> str:
        if self.organization_id is None:
            return f"{PREFIX}{self.host}"
        return f"{PREFIX}{self.organization_id}:{self.host}"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found: `failure` is None where it works, `known` is False where
    nothing was found out.
    """

    integration: Integration
    place: Place
    failure: Exception | None = None
    known: bool = True

    @property
    def is_outage(self) -> bool:
        return self.known and vendors.is_outage(self.failure)

    @property
    def saying(self) -> Saying:
        if isinstance(self.failure, VendorError):
            return self.failure.saying
        return Saying(str(self.failure or ""))


def place_of(integration: Integration, values: Values) -> Place:
    """Return the host that is typed into the integration's form;
    else its vendor, whose hosts everybody shares.
    """
    provider = registry.provider_of(integration)
    host = _typed_host(provider, values)
    if host:
        return Place(host, integration.organization_id)
    return Place(provider.name)


def settle(looks: Iterable[Look]) -> None:
    """Open, keep and close what a round found. A place of which nothing was found
    keeps what it has.
    """
    by_place: dict[Place, list[Look]] = defaultdict(list)
    for look in looks:
        by_place[look.place].append(look)
    for place, found in by_place.items():
        _settle_place(place, [look for look in found if look.known])
    _close_what_is_gone(by_place)


def _close_what_is_gone(by_place: dict[Place, list[Look]]) -> None:
    """Close what hangs on a host to which nothing is connected any more,
    or on an integration that is gone.
    """
    known = {place.cause for place in by_place}
    known |= {naming.cause_of(look.integration) for looks in by_place.values() for look in looks}
    watched = Watch.objects.filter(Q(cause__startswith=PREFIX) | Q(cause__startswith=naming.ALONE))
    for cause in watched.values_list("cause", flat=True):
        if cause not in known:
            incidents.close(cause)


def _settle_place(place: Place, looks: list[Look]) -> None:
    """Look at one host: it is down where most got no answer.
    Who gets none while most do has an incident alone.
    """
    hit = [look for look in looks if look.is_outage]
    is_down = len(hit) * 2 > len(looks)
    if is_down:
        _host_down(place, hit)
    elif looks:
        incidents.observe(place.cause, ok=True, title="", close_after=ROUNDS)
    for look in looks:
        if look.is_outage and not is_down:
            _alone(look)
        else:
            incidents.observe(naming.cause_of(look.integration), ok=True, title="")


def _host_down(place: Place, hit: list[Look]) -> None:
    is_shared = place.organization_id is None
    names: list[str] = []
    if not is_shared:
        # What is everybody's names nobody: an organization learns nothing
        # of another's integrations.
        names = sorted(look.integration.name for look in hit)
    incidents.observe(
        place.cause,
        ok=False,
        title=Saying(TITLE, {"host": place.host}),
        what_to_do=Saying(ADVICE, {"error": hit[0].saying, "count": len(hit)}),
        for_everybody=FOR_EVERYBODY if is_shared else "",
        severity=Incident.Severity.CRITICAL,
        organization_id=place.organization_id,
        facts={"host": place.host, "integrations": len(hit)},
        affected=names,
        open_after=ROUNDS,
        close_after=ROUNDS,
    )


def _alone(look: Look) -> None:
    integration = look.integration
    incidents.observe(
        naming.cause_of(integration),
        ok=False,
        title=Saying(ALONE, {"name": integration.name, "host": look.place.host}),
        what_to_do=Saying(ALONE_ADVICE, {"error": look.saying}),
        organization_id=integration.organization_id,
        facts={"host": look.place.host},
        affected=[integration.name],
        open_after=ROUNDS,
    )


def _typed_host(provider: Provider, values: Values) -> str:
    for field in provider.vendor.fields:
        if field.secret or field.name not in values:
            continue
        if field.kind == "url":
            return urlsplit(values.text(field.name)).netloc
        if field.name == "host":
            return values.text(field.name)
    return ""

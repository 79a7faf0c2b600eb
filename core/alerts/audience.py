"""Whom an incident concerns, and who of them wants a mail of it:
staff here, members by what crm declares.

Nobody is written to who did not choose so, but for what is critical: operations admins hear of all
of it, and whoever heads an organization of what is that organization's own (docs/decisions/0156).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from core import audit
from core.alerts.kinds import CRITICAL, EMAIL, NEWS, News, of_severity
from core.models import Incident, NotificationChoice, User
from core.signin import roles

SEE: Final = "core.view_incident"


@dataclass(frozen=True)
class Circle:
    """People whom some incidents concern, as an app declares them.

    `of_incident` returns those whom it concerns, and those of them who hear of it by default, as
    ids of users; `sight` the incidents that a person may see, `is_concerned` whether there can be
    any, `hears` what they hear of by default.
    """

    of_incident: Callable[[Incident], tuple[set[UUID], set[UUID]]]
    sight: Callable[[Any], QuerySet[Incident]]
    is_concerned: Callable[[User], bool]
    hears: Callable[[User], bool]


_circles: list[Circle] = []


def declare(circle: Circle) -> None:
    """Make a circle of people known."""
    if circle not in _circles:
        _circles.append(circle)


def sight(user: User) -> QuerySet[Incident]:
    """Return the incidents that a person may see, whoever they are."""
    found = Incident.objects.none()
    for circle in _circles:
        found = found | circle.sight(user)
    return found


def listeners(incident: Incident) -> list[User]:
    """Return who wants a mail of this incident, as severe as it is now."""
    concerned, by_default = _staff(), _operations()
    for circle in _circles:
        members, heads = circle.of_incident(incident)
        concerned |= members
        by_default |= heads
    news = of_severity(incident.severity)
    if news is not CRITICAL:
        by_default = set()
    chosen = NotificationChoice.objects.filter(user=OuterRef("pk"), kind=news.key, channel=EMAIL)
    people = _reachable().filter(pk__in=concerned)
    people = people.annotate(is_chosen=Exists(chosen.filter(is_on=True)), has_chosen=Exists(chosen))
    return list(people.filter(Q(is_chosen=True) | Q(has_chosen=False, pk__in=by_default)))


def wants(user: User, incident: Incident) -> bool:
    """Tell whether this person still wants to hear of an incident, as severe as it is now."""
    return any(each.pk == user.pk for each in listeners(incident))


def news_for(user: User) -> list[News]:
    """Return what this person can be told of: nothing where no incident can concern them."""
    if not _is_staff(user) and not any(circle.is_concerned(user) for circle in _circles):
        return []
    return list(NEWS)


def choices_of(user: User) -> dict[str, bool]:
    """Return by the news that this person can be told of whether they are, by e-mail."""
    chosen = dict(
        NotificationChoice.objects.filter(user=user, channel=EMAIL).values_list("kind", "is_on")
    )
    default = {CRITICAL.key: _hears_by_default(user)}
    return {news.key: chosen.get(news.key, default.get(news.key, False)) for news in news_for(user)}


@transaction.atomic
def choose(
    user: User, choices: Mapping[str, bool], *, actor: User, request: Any = None
) -> dict[str, bool]:
    """Write what a person chose, and return what holds now;
    what they cannot be told of is left out.

    What is on by default and chosen too is kept as chosen: it then holds for all that they may see.
    """
    before = choices_of(user)
    kept = dict(
        NotificationChoice.objects.filter(user=user, channel=EMAIL).values_list("kind", "is_on")
    )
    changed = {
        key: is_on for key, is_on in choices.items() if key in before and kept.get(key) != is_on
    }
    for key, is_on in changed.items():
        NotificationChoice.objects.update_or_create(
            user=user, kind=key, channel=EMAIL, defaults={"is_on": is_on}
        )
    if changed:
        audit.record(
            "notifications.changed", actor=actor, target=user, request=request, choices=changed
        )
    return before | changed


def wanting(key: str) -> Iterable[User]:
    """Return who asked for this and can be written to."""
    chosen = NotificationChoice.objects.filter(kind=key, channel=EMAIL, is_on=True)
    return _reachable().filter(pk__in=chosen.values("user_id"))


def _reachable() -> QuerySet[User]:
    """Return who can be written to; the demo's people only where the demo runs."""
    people = User.objects.filter(is_active=True).exclude(email="")
    if settings.DEMO:
        return people
    return people.filter(is_demo=False)


def _is_staff(user: User) -> bool:
    return user.is_active and user.is_staff and user.has_perm(SEE)


def _hears_by_default(user: User) -> bool:
    if _is_staff(user) and user.groups.filter(name=roles.OPERATIONS_ADMIN).exists():
        return True
    return any(circle.hears(user) for circle in _circles)


def _staff() -> set[UUID]:
    people = User.objects.with_perm(SEE, backend="core.signin.Backend")
    return set(people.filter(is_staff=True).values_list("pk", flat=True))


def _operations() -> set[UUID]:
    operations = User.objects.filter(
        is_active=True, is_staff=True, groups__name=roles.OPERATIONS_ADMIN
    )
    return set(operations.values_list("pk", flat=True))

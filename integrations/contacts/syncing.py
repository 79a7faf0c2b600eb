"""The contact sync: a run that pulls, pushes or does both, may be killed anywhere
and goes on from there.
"""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import runs, vendors
from core.runs.attempt import Work
from core.runs.kinds import Wish
from integrations import registry
from integrations.contacts import choosing, passes, visibility, words
from integrations.contacts.mapping import BOTH, DIRECTIONS, PULL, PUSH
from integrations.contacts.outcomes import COUNTED
from integrations.contacts.passes import settings_of
from integrations.contacts.proof import Verdict
from integrations.contacts.pulling import pull
from integrations.contacts.pushing import count_ahead, push
from integrations.contacts.rows import Rows
from integrations.contacts.work import Job, Stopped
from integrations.models import Integration
from integrations.providers.base import context_of
from integrations.services.writing import record

OFF: Final = _("This integration is switched off. Switch it on to sync its contacts.")
NO_CLIENT: Final = _("This service cannot be asked for contacts.")
DROPPED: Final = _(
    "%(count)d contacts of the service's list could not be seen: it changed while it was read, or "
    "pages are missing. Nothing was taken away or sent. The next sync reads all of it again."
)
TOO_MANY: Final = _(
    "%(count)d contacts are not in the service's list any more. Nobody believes that many: nothing "
    "was taken away."
)
NOBODYS: Final = _("Whoever connected this has left, so nothing was sent. Give it to a colleague.")
REFUSED: Final = _(
    "The service refused %(count)d contacts. Each says why; the next sync sends them again."
)


def start_sync(
    integration: Integration,
    *,
    direction: str | None = None,
    is_dry: bool = False,
    is_full: bool = False,
    trigger: str,
    started_by: Any = None,
    request: Any = None,
) -> runs.Started:
    """Start a sync, or join the open one that does all of this;
    ValidationError for one that cannot be.

    `direction`: none means as it is set. A dry run writes nothing on either side.
    A full one reads the whole list.
    """
    choosing.contacts_of(integration)
    if not integration.is_active:
        raise ValidationError(OFF, code="inactive")
    if direction is None:
        direction = settings_of(integration).direction
    if direction not in DIRECTIONS:
        raise ValidationError(
            {"direction": ValidationError(choosing.NO_CHOICE, code="invalid_choice")}
        )
    wish = {"direction": direction, "dryRun": is_dry, "full": is_full}
    with transaction.atomic():
        started = runs.start(
            KIND,
            integration,
            wish,
            organization_id=integration.organization_id,
            started_by=started_by,
            trigger=trigger,
        )
        if started.is_new and started_by is not None:
            record(
                "integration.synced",
                integration,
                started_by,
                request,
                run=str(started.run.pk),
                **wish,
            )
    return started


def covers(under_way: Wish, wish: Wish) -> bool:
    """Tell whether a sync that is under way does all that is wished for."""
    if bool(under_way.get("dryRun")) != bool(wish.get("dryRun")):
        return False
    if wish.get("full") and not under_way.get("full"):
        return False
    if wish.get("dryRun"):
        return under_way.get("direction") == wish.get("direction")
    return under_way.get("direction") in (BOTH, wish.get("direction"))


def work(run: Work) -> None:
    """Sync one integration's contacts."""
    integration = Integration.objects.select_related("account", "owner").get(pk=run.subject_id)
    provider = registry.provider_of(integration)
    if not integration.is_active:
        run.fail(OFF)
        return
    if provider.client is None:
        run.fail(NO_CLIENT)
        return
    run.add(counts=dict.fromkeys(COUNTED, 0))
    account = integration.account
    contacts = choosing.contacts_of(integration)
    settings = settings_of(integration)
    rows = Rows(integration, is_dry=bool(run.parameters.get("dryRun")))
    rows.last_full = settings.pass_last
    with vendors.watched(account) as values:
        context = context_of(account, KIND.key, run_id=run.run.pk, by=run.run.trigger)
        job = Job(
            run=run,
            integration=integration,
            settings=settings,
            contacts=contacts,
            client=provider.client(account, values, context),
            values=values,
            fields=choosing.fields_of(settings, contacts),
            rows=rows,
            wish=run.parameters,
        )
        try:
            _sync(job)
        except Stopped as stopped:
            run.incomplete(stopped.why)


def _sync(job: Job) -> None:
    """Pull, then push. What the pull proved stands in the save point,
    for an attempt that only pushes.
    """
    direction = job.wish.get("direction", BOTH)
    place: dict[str, Any] = {}
    if not job.is_dry:
        place = job.run.start_from
    verdict: Verdict | None = place.get("verdict")
    job.is_full = bool(place.get("is_full", job.wish.get("full") or _is_full_due(job, direction)))
    if direction == BOTH:
        job.ahead = count_ahead(job, {})
    if direction != PUSH and verdict is None:
        verdict = pull(job, place)
        if verdict is None:
            return
        place = {"verdict": verdict, "is_full": job.is_full}
        job.checkpoint(place)
    if direction != PULL and not (verdict or {}).get("missing") and not push(job, place):
        return
    job.end()
    _say(job, verdict)


def _is_full_due(job: Job, direction: str) -> bool:
    return direction != PUSH and passes.is_full_due(job.settings)


def _say(job: Job, verdict: Verdict | None) -> None:
    """Vouch for what was pulled, and say what of it or of what was sent is not as it should be."""
    sent = {name: number for name, number in job.outcomes.items() if name.startswith("pushed_")}
    refused = job.outcomes[f"error_{words.REFUSED}"]
    if sent or refused:
        job.run.evidence(sent={**sent, words.REFUSED: refused})
    too_many = 0
    if verdict is None:
        left_out = {words.REFUSED: refused} if refused else {}
        verdict = {
            "at_vendor": sum(sent.values()) + refused,
            "in_koppel": sum(sent.values()),
            "left_out": left_out,
        }
        job.run.vouch(**verdict, under="sent_proof")
    else:
        too_many = int(verdict.get("too_many", 0))
        numbers = {name: value for name, value in verdict.items() if name != "too_many"}
        job.run.vouch(**numbers, still_missing=DROPPED)
    if too_many:
        job.run.incomplete(TOO_MANY, count=too_many)
    if job.wish.get("direction", BOTH) != PULL and not visibility.is_somebodys(job.integration):
        job.run.incomplete(NOBODYS)
    if refused:
        job.run.incomplete(REFUSED, count=refused)


# One sync of an integration at a time, whatever was asked for.
LOCK: Final = "integrations.contacts"
KIND: Final = runs.Kind(
    "integrations.sync_contacts",
    _("Contact sync"),
    work="integrations.contacts.syncing.work",
    words=words.OF_SYNCS,
    so_far=("pulled", "pushed"),
    lock=LOCK,
    covers=covers,
    vouches=True,
)

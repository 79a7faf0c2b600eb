"""One sync at work: the run, the integration, and what both directions need.
A dry run says its numbers at its end.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.http import Client
from core.runs.attempt import Work
from core.vendors import Values
from core.words.sayings import Text
from integrations.contacts.mapping import Fields
from integrations.contacts.outcomes import PREVIEWED
from integrations.contacts.rows import Rows
from integrations.contacts.speaking import Contacts
from integrations.models import ContactSettings, Integration

OFF: Final = _(
    "The integration was switched off or deleted meanwhile. What was synced until then is kept."
)
MAPPED_ANEW: Final = _("Which field is which was changed meanwhile, so this ended. Sync again.")


class Stopped(Exception):
    """The sync may not go on."""

    def __init__(self, why: Text) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(slots=True)
class Job:
    """What a sync works with."""

    run: Work
    integration: Integration
    settings: ContactSettings
    contacts: Contacts
    client: Client
    values: Values
    fields: Fields
    rows: Rows
    wish: Mapping[str, Any]
    counts: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    preview: list[dict[str, Any]] = field(default_factory=list, repr=False)
    # How many people are looked at once the pull is over, as far as that is known before.
    ahead: int = 0
    # Whether everything is looked at, on both sides.
    is_full: bool = False

    def __post_init__(self) -> None:
        if not self.is_dry:
            counts, outcomes = self.run.so_far()
            self.counts.update(counts)
            self.outcomes.update(outcomes)

    @property
    def is_dry(self) -> bool:
        return self.rows.is_dry

    @property
    def vendor(self) -> str:
        return self.integration.account.vendor

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Enter what a batch is written in, while the sync may go on; a dry run writes nothing."""
        if self.is_dry:
            self.check()
            yield
            return
        with transaction.atomic():
            self.check(locks=True)
            yield

    def check(self, *, locks: bool = False) -> None:
        """Raise Stopped for an integration that was switched off or deleted,
        or whose fields were mapped anew.
        """
        rows = ContactSettings.objects.all()
        if locks:
            rows = rows.select_for_update(of=("self",))
        rows = rows.filter(pk=self.settings.pk, integration__is_active=True)
        found = rows.values_list("fields", "integration__owner_id").first()
        if found is None:
            raise Stopped(OFF)
        fields, owner_id = found
        if fields != self.settings.fields:
            raise Stopped(MAPPED_ANEW)
        # Whom it may tell of is what its owner sees, who may be somebody else by now.
        self.integration.owner_id = owner_id

    def add(self, counts: Mapping[str, int], outcomes: Mapping[str, int]) -> None:
        """Add to the run's numbers; those of a dry run wait, as it begins anew when it dies."""
        counts, outcomes = _positive(counts), _positive(outcomes)
        self.counts.update(counts)
        self.outcomes.update(outcomes)
        is_anything = bool(counts or outcomes)
        if is_anything and not self.is_dry:
            self.run.add(counts=counts, outcomes=outcomes)

    def show(self, examples: list[dict[str, Any]]) -> None:
        """Keep examples of what changes, for the preview of a dry run."""
        if self.is_dry:
            self.preview += examples[: PREVIEWED - len(self.preview)]

    def checkpoint(self, place: Mapping[str, Any]) -> None:
        """Note from where the next attempt goes on."""
        if not self.is_dry:
            self.run.checkpoint(place)

    def progress(self, total: int | None, *, looked_at: int = 0) -> None:
        """Say how far it is: of so many records there, and of the people who are
        looked at after them.
        """
        done = self.counts["pulled"] + looked_at
        if total is not None:
            total = max(total, done) + self.ahead
        self.run.progress(done=done, total=total)

    def end(self) -> None:
        """Say what a dry run would have come to."""
        if self.is_dry:
            self.run.add(counts=self.counts, outcomes=self.outcomes)
            self.run.evidence(dry_run=True, preview=self.preview)


def _positive(numbers: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in numbers.items() if number}

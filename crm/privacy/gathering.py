"""All that a person is known by: their rows, names, numbers and other addresses.

One app's answer leads another on (a lead to its calls, a call to another spelling), so all are
asked until nothing is added.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from core.privacy import Person, places

# More often nothing is added that is still the same person.
ROUNDS: Final = 5


def gather(
    person: Person,
    organization_id: UUID | None,
    before: Callable[[Person], object] | None = None,
) -> None:
    """Add to what is known of a person until nothing is added.

    `before` is called with what is known before each round.
    """
    for _round in range(ROUNDS):
        known = person.written()
        if before is not None:
            before(person)
        for step in places.all_steps():
            if step.gather is not None:
                step.gather(person, organization_id)
        if person.written() == known:
            break
    for step in places.all_steps():
        if step.look is not None:
            step.look(person, organization_id)

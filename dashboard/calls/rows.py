"""One call in a list, with where the words that were looked for stand in it."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from calls.models import Call


@dataclass(frozen=True)
class Row:
    """A call, its title with the words marked, and other places where they are."""

    call: Call
    title: SafeString | None = None
    places: tuple[SafeString, ...] = ()

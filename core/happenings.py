"""What happens to rows, told within the transaction in which it does.

Who keeps an account of it beside the change (events out do) subscribes to `happened`: what a
listener writes is kept or lost together with the change, and a listener that fails takes the change
back. So listeners write rows, queue jobs for after the commit, and ask nobody outside.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Model
from django.dispatch import Signal

# With name ("lead.created"), rows and facts.
happened: Final = Signal()


def tell(name: str, rows: Iterable[Model], **facts: Any) -> None:
    """Tell that this happened to these rows. A queryset is read only by a listener
    that wants the rows.
    """
    happened.send(sender=None, name=name, rows=rows, facts=facts)

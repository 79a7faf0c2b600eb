"""Where people stand in the tables, and how they are found, taken out and shown again.

places   what apps declare of their tables    marks   what a person is known by, as patterns
rows     found, erased and redacted in SQL    memory  what lies sealed, in sessions and in Redis
ground   the tables of core and of packages              audited  rows of the audit log
numbers  a telephone number as it is written             arrived  deliveries that wait
"""

from core.privacy.marks import MARK, Person
from core.privacy.places import (
    Place,
    Step,
    declare,
    declare_step,
    erased,
    kept,
    redacted,
    undeclared,
)

__all__ = [
    "MARK",
    "Person",
    "Place",
    "Step",
    "declare",
    "declare_step",
    "erased",
    "kept",
    "redacted",
    "undeclared",
]

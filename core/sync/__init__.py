"""A vendor's list into our rows: asked for page by page, stored batch by batch,
and gone on with after a death.

steps      a page and the place after it
ahead      the next pages, fetched while this one is stored
pagers     lists by number, cursor and link
patience   one page, waited for while the vendor has no time
decisions  one record → what becomes of it
walking    all of it, as the body of a run
records    a record's name and day
"""

from core.sync.ahead import Ahead
from core.sync.decisions import Decision, Fail, Import, Skip, Unchanged, Update
from core.sync.pagers import Looped, Page, by_cursor, by_link, by_number
from core.sync.patience import patiently
from core.sync.records import UNDATED, dated, named
from core.sync.steps import Step
from core.sync.walking import Stored, Table, store, walk

__all__ = [
    "UNDATED",
    "Ahead",
    "Decision",
    "Fail",
    "Import",
    "Looped",
    "Page",
    "Skip",
    "Step",
    "Stored",
    "Table",
    "Unchanged",
    "Update",
    "by_cursor",
    "by_link",
    "by_number",
    "dated",
    "named",
    "patiently",
    "store",
    "walk",
]

"""A vendor's list into our rows: asked for page by page, stored batch by batch, and gone on with after a death.

steps     a page and the place after it        ahead     the next pages, fetched while this one is stored
pagers    lists by number, cursor and link     patience  one page, waited for while the vendor has no time
decisions one record → what becomes of it      walking   all of it, as the body of a run
"""

from core.sync.ahead import Ahead
from core.sync.decisions import Decision, Fail, Import, Skip, Unchanged, Update
from core.sync.pagers import Looped, Page, by_cursor, by_link, by_number
from core.sync.patience import patiently
from core.sync.steps import Step
from core.sync.walking import Table, store, walk

__all__ = [
    "Ahead",
    "Decision",
    "Fail",
    "Import",
    "Looped",
    "Page",
    "Skip",
    "Step",
    "Table",
    "Unchanged",
    "Update",
    "by_cursor",
    "by_link",
    "by_number",
    "patiently",
    "store",
    "walk",
]

"""What was asked of vendors, read back: single calls by filters, and how they went by the hour.

hours      the roll-up: one row for each hour that is over, made from the log,
           and made again where the log grew
latency    response times in 64 steps, and the percentiles that they give
charts     calls, failures and percentiles by the hour
days       the same by the day, of some integrations
keys       where a key was used, of the last thirty days
naming     what a workspace was called, and when
reading    calls by workspace, status, time and words
pages      the same, a page at a time
exporting  the same as rows of a CSV, in flat memory
"""

from core.outgoing.charts import Hour, by_hour, last_day
from core.outgoing.naming import Name
from core.outgoing.reading import ENDS, STATUSES, Wanted, found

__all__ = ["ENDS", "STATUSES", "Hour", "Name", "Wanted", "by_hour", "found", "last_day"]

"""How calls to Email Bison go: counted as they are logged, asked for every fifteen minutes,
told once for each cause.

noting     each workspace's health moves with the log of calls
choosing   who is asked in a round: own keys, instances, and workspaces without a key of their own
asking     many calls side by side, bounded
round      every fifteen minutes, all workspaces
incidents  one incident for each cause
subjects   instances and workspaces, as maintenance and uptime are of them
figures    how many are healthy, and how calls went by the hour
"""

from bison.health.figures import last_day, series, summary
from bison.health.round import KIND, start

__all__ = ["KIND", "last_day", "series", "start", "summary"]

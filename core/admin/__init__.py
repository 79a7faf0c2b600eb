"""The management portal: one module per concern, each registering its tables on Unfold's site.

base.py    what every list shares
huge.py    lists of tables that grow without end
export.py  CSV that streams
site.py    name, colours, navigation
home.py    the home page
finding.py what the search finds
"""

from core.admin import (
    audit,
    incidents,
    installation,
    logs,
    people,
    runs,
    sessions,
    tools,
    vendors,
    watch,
)

__all__ = [
    "audit",
    "incidents",
    "installation",
    "logs",
    "people",
    "runs",
    "sessions",
    "tools",
    "vendors",
    "watch",
]

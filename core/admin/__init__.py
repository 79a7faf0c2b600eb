"""The management portal: one module per concern, each registering its tables on Unfold's site.

base.py    what every list shares        huge.py    lists of tables that grow without end
export.py  CSV that streams              site.py    name, colours, navigation        home.py  the home page
"""

from core.admin import audit, incidents, installation, logs, people, tools, vendors, watch

__all__ = ["audit", "incidents", "installation", "logs", "people", "tools", "vendors", "watch"]

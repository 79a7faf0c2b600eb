"""Whether integrations work: a look at each of them every quarter of an hour,
and one incident for each cause.
"""

from integrations.health.round import KIND, start

__all__ = ["KIND", "start"]

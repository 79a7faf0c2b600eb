"""Incidents for those whom they concern: the list, one of them, maintenance, uptime,
and what people are mailed.

rows       an incident as one person reads it: state, remedy, what may be done
pages      the list and one incident with its history
windows    maintenance          uptimes    strips of days
notices    what a person is mailed
"""

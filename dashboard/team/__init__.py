"""Settings → Team and Settings → Organization: who works in an organization, in which teams,
and what it has chosen.
"""

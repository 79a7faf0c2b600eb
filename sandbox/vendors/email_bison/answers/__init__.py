"""The answers: importing them marks the routes.

workspaces  users, workspaces, switching, tokens
replies     replies, and who is interested
accounts    sender e-mails and their warm-up
lists       tags and blacklists
campaigns   campaigns and what was sent
hooks       webhooks, their events and the log
leads       leads, and who left
stats       counts of a day and of a period
"""

from sandbox.vendors.email_bison.answers import (
    accounts,
    campaigns,
    hooks,
    leads,
    lists,
    replies,
    stats,
    workspaces,
)
from sandbox.vendors.email_bison.routes import ROUTES

__all__ = [
    "ROUTES",
    "accounts",
    "campaigns",
    "hooks",
    "leads",
    "lists",
    "replies",
    "stats",
    "workspaces",
]

"""Calls in the management portal.

calls       what a source said, who was in it, how far it got
recordings  those of calls, and those whose calls were deleted
meetings    invitations of guests, mails to leads

Each registers itself.
"""

from calls.admin import calls, meetings, recordings  # noqa: F401

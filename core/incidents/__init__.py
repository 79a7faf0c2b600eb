"""What is wrong: opened and closed by what is seen, acknowledged and snoozed by people,
silent during maintenance.

watching       `observe` and `close`: one incident for each cause, opened and closed on transitions
announcing     whether a transition is told now, or at the end of a maintenance window
attending      acknowledge, snooze and wake; of two at once one wins
maintenance    windows: planned, changed, ended, and what is told at their end
sources        where an incident comes from, by what its cause begins with
subjects       what incidents are about, in words: what a window or a strip of uptime can be of
uptime         on which days a subject was down, well, or not looked at
"""

from core.incidents.watching import AFFECTED_KEPT, close, observe

__all__ = ["AFFECTED_KEPT", "close", "observe"]

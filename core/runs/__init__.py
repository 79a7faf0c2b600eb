"""Long work that people watch.

lifecycle  started, claimed, ended, swept      attempt  what the worker that holds a run may write of it
progress   how far it is, in words             words    what kinds of runs and their outcomes are called
"""

from core.runs.lifecycle import LONGEST_WAIT, ahead_of, cancel, start, sweep, work

__all__ = ["LONGEST_WAIT", "ahead_of", "cancel", "start", "sweep", "work"]

"""Long work that people watch.

kinds      what an app declares
starting   one answer for whoever asks
lifecycle  claimed, worked, ended, swept
attempt    what the worker that holds a run may write of it
progress   how far it is, in words
terminal   runs followed from a terminal
details    what was found, row by row in words
"""

from core.runs.kinds import Kind, declare
from core.runs.lifecycle import LONGEST_WAIT, cancel, execute, sweep, work
from core.runs.starting import Started, ahead_of, message, start

__all__ = [
    "LONGEST_WAIT",
    "Kind",
    "Started",
    "ahead_of",
    "cancel",
    "declare",
    "execute",
    "message",
    "start",
    "sweep",
    "work",
]

"""Whom nobody may write to: blocked and unsubscribed in every workspace, read back,
repaired when undone.

values      what can be suppressed, in one spelling
config      what the house decides
asking      what a person asks for, checked
adding      suppress and lift, as a person asks
automatic   opt-outs and customers, by themselves
looking     what a workspace has of some values
planning    what is to be done there
acting      doing it at the vendor
workspaces  one workspace's part of a run
applying    the runs: real, on trial, and the check
storing     the states of each workspace
judging     whether a value is in effect
incidents   what the check tells people
"""

from bison.suppression.adding import Added, lift, suppress, suppress_many
from bison.suppression.applying import CHECK, KIND, start_check, start_trial
from bison.suppression.asking import Asked, TooMany, ask
from bison.suppression.automatic import apply_what_waits, note_opt_out
from bison.suppression.storing import in_force
from bison.suppression.values import PublicMail

__all__ = [
    "CHECK",
    "KIND",
    "Added",
    "Asked",
    "PublicMail",
    "TooMany",
    "apply_what_waits",
    "ask",
    "in_force",
    "lift",
    "note_opt_out",
    "start_check",
    "start_trial",
    "suppress",
    "suppress_many",
]

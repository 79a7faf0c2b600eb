"""Email Bison in the management portal.

instances   the hosts, and turns with their keys   entering    keys go in, on pages of their own
workspaces  the registry                           acts        what is done with chosen workspaces
contents    what the syncs brought                 figures     days, sender domains, runways
proofs      results, the reply ledger, onboarding  suppressions  who is blocked where
acting      an act on rows, told row by row        home        its card on the admin's home page

Each registers itself.
"""

from bison.admin import contents, figures, home, instances, proofs, suppressions, workspaces  # noqa: F401

"""Email Bison in the management portal.

instances   the hosts, and turns with their keys   entering    keys go in, on pages of their own
workspaces  the registry                           acts        what is done with chosen workspaces
contents    what the syncs brought                 figures     days, sender domains, runways
proofs      results, the reply ledger, onboarding  suppressions  who is blocked where
imports     files of keys, row by row              home        its card on the admin's home page

Each registers itself.
"""

from bison.admin import (  # noqa: F401
    contents,
    figures,
    home,
    imports,
    instances,
    proofs,
    suppressions,
    workspaces,
)

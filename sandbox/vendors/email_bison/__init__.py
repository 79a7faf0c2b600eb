"""Email Bison's API: `/email-bison/<slug>/api/…`, two instances in one stand-in.

`maverick` and `long-run` have each their users, workspaces, tokens and counters. A super-admin's
token acts in the workspace that its user looks at now, an api-user's token in its own. Lists are
pages of fifteen whatever is asked; what the vendor does not know in a query it passes over.
Switches (`vendor.EmailBison.switches`) make it fail as the vendor fails, and
`POST /_control/vendors/email-bison/<act>` (acts.py) does what people and leads do meanwhile.

cast        the companies: ids, names, keys        tables      rows; what is deleted is queued
dice        the same chance for the same parts     workspace   a workspace and what is in it
times       moments as the vendor writes them      instance    users, tokens, workspaces
accounts    e-mail accounts, their warm-up         names       of events, three for each
mail        campaigns, days, leads, replies        events      bodies of events
counts      campaigns counted over days            log         the log, and who is sent what
pages       Laravel's lists                        deliveries  an event on its way to a hook
filters     what lists can be filtered by          happenings  what leads and people bring about
refusals    every way to say no                    acts        what a test may ask for
routes      which call is answered by what         samples     the vendor's own sample
answers     the answers, by kind of thing          vendor      the stand-in, its switches
"""

from sandbox.vendors.email_bison.vendor import EmailBison

__all__ = ["EmailBison"]

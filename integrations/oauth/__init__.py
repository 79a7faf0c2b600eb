"""OAuth 2: grants asked for, kept sealed, renewed by one worker at a time, taken back.

declaring  what is odd about each vendor    hosts      which addresses may be asked
states     sign-ins under way               starting   a person is sent to the vendor
endpoints  what is asked of the vendor      returning  they come back with a code
renewing   a new token, under a lock        auth       how calls are signed
leaving    a grant is taken back            problems   what may go wrong, in words
tokens     what the vendor gives            binding    which integration a grant is kept with
storing    tokens are sealed               rescuing   tokens that the database could not take
keeping    what the clock does

A provider's `client` asks `auth_of` first: its `api_base` says where the API is.
None: there is no grant.
"""

from integrations.oauth.auth import GoneAuth, GrantAuth, auth_of, grant_of
from integrations.oauth.declaring import OAuth

__all__ = ["GoneAuth", "GrantAuth", "OAuth", "auth_of", "grant_of"]

"""A CRM of no make, for Custom and API: `/anycrm/v1/…` and `/anycrm/graphql`,
with every usual way to sign in and page.

vendor    routes and ways to sign in      people   its contacts, from a seed
listing   pages by number, cursor, link   graphql  one query, its variables, its errors
"""

from sandbox.vendors.anycrm.vendor import AnyCrm

__all__ = ["AnyCrm"]

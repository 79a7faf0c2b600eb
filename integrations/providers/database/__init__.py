"""Somebody's PostgreSQL, MySQL or MongoDB, read by a query.

provider  what is declared, and the test      contacts  the rows of the query, as contacts
places    which database an account's values name
templates ready-made queries
"""

from integrations.providers.database.provider import PROVIDER

__all__ = ["PROVIDER"]

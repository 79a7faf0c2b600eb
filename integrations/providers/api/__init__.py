"""Any API, REST or GraphQL, read by a schedule.

provider  what is declared, and the test      contacts  what is read, as contacts
graphql   a query, its pages and its errors   templates ready-made configurations
"""

from integrations.providers.api.provider import PROVIDER

__all__ = ["PROVIDER"]

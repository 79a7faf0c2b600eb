"""Any CRM with a REST API: where its contacts are and how they are written is declared
by whoever connects it.

provider  what is declared, and the test      contacts  its contacts, read page by page
writing   contacts written, never twice    templates ready-made configurations
"""

from integrations.providers.custom.provider import PROVIDER

__all__ = ["PROVIDER"]

"""Zoho CRM: what is declared of it, and how it is spoken to.

names     data centers, words             signin    whose access it is
answers   what its refusals mean          client    pace, credits
fields    which fields are read and mapped
contacts  contacts out of it              writing   contacts into it
sending   rows in batches                 probing   the steps of a test
provider  the declaration
"""

from integrations.providers.zoho.provider import PROVIDER

__all__ = ["PROVIDER"]

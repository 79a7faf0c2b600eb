"""Salesforce: what is declared of it, and how it is spoken to.

names     hosts, version, words           signin    whose access it is
answers   what its refusals mean          client    pace, daily limit
soql      queries that cannot be bent     fields    which fields are read and mapped
contacts  contacts out of it              writing   contacts into it
sending   rows in batches                 probing   the steps of a test
provider  the declaration
"""

from integrations.providers.salesforce.provider import PROVIDER

__all__ = ["PROVIDER"]

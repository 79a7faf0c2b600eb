"""Pipedrive: persons of a company, by a grant of OAuth or a pasted API token.

names    key, host, paths                answers  what refusals mean
client   pace, access                    fields   what can be mapped
reading  lists, companies' names         finding  who has an address
writing  person after person             making   one of two who would make a person
probes   the steps of a test             hooks    our webhook there
webhooks what it sends                   provider the declaration
"""

from integrations.providers.pipedrive.provider import PROVIDER

__all__ = ["PROVIDER"]

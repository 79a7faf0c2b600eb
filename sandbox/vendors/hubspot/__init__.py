"""HubSpot's API: contacts of two portals, keys with scopes, webhooks signed as version 3 says.

Paths are the vendor's own with a date for a version (`/crm/objects/2026-09/contacts`). Lists give
ten or up to a hundred, a search up to two hundred and never beyond the ten thousandth. A batch
takes a hundred, and an upsert by e-mail replaces what it does not name: the vendor takes no
partial ones.

cast       the portals, their keys and people    portals    contacts as they are kept
refusals   every way to say no                   searching  filters, sorts, and the index that lags
batches    read, create, update, upsert          webhooks   events, signed and sent
contacts   lists, and contacts by themselves     acts       what a test may ask for
vendor     the routes, limits and switches
"""

from sandbox.vendors.hubspot.vendor import HubSpot

__all__ = ["HubSpot"]

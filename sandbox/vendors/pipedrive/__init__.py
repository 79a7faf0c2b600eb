"""Pipedrive's API: persons of two companies, version 2 beside what is left of version 1.

There is no upsert, no batch and no unique address: two persons may share one. A list gives a
hundred or up to five hundred with a cursor; the search is an index that comes some seconds later.
Each call costs tokens of the company's day, and counts against a burst of two seconds. Webhooks
bear the Basic credentials that were chosen for them, and no signature.

cast       companies, keys, people          companies  persons as they are kept
refusals   every way to say no              listing    pages, searches, fields, organizations
writing    what a body may hold             webhooks   subscriptions and deliveries
acts       what a test may ask for          vendor     the routes, limits and switches
"""

from sandbox.vendors.pipedrive.vendor import Pipedrive

__all__ = ["Pipedrive"]

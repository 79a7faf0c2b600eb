"""Salesforce's REST API and its sign-in, as /services/data/vNN.0 and /services/oauth2 answer.

True to the vendor where it is odd:

- the data API refuses with a list of errors; a spent daily limit is a 403,
  a token that no longer serves a 401
- a token has no lifetime in its answer; `instance_url` says where the data is
- the list of versions needs no token, and so proves nothing
- a query gives pages by `nextRecordsUrl`; `queryAll` has the deleted ones too
- batches answer 200 although rows failed; an e-mail address is not unique,
  and an address in the path that two have gives 300 and writes nothing

`soql.py` reads queries, `fields.py` knows the fields, `contacts.py` keeps the contacts,
`writing.py` writes them, `vendor.py` has the routes and the switches.
"""

from sandbox.vendors.salesforce.vendor import Salesforce

__all__ = ["Salesforce"]

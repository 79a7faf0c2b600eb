"""Zoho CRM's API v8 and its sign-in, as accounts.zoho.{dc} and www.zohoapis.{dc} answer.

True to the vendor where it is odd:

- a refused token exchange or renewal is a 200 with an error in it,
  also for one that mints too often
- the header's scheme is Zoho-oauthtoken; the way back from consent names the server
  that exchanges the code
- an empty list is a 204 without a body, an unchanged one a 304; If-Modified-Since is ISO 8601
- a list needs `fields`; beyond the first 2,000 only `page_token` leads on
- a write answers with one answer for each row, whatever its status; 429 does not say for how long

`lists.py` pages, `fields.py` knows the fields, `contacts.py` keeps the contacts,
`writing.py` writes them, `session.py` knows who asks, `vendor.py` has the routes and the switches.
"""

from sandbox.vendors.zoho.vendor import Zoho

__all__ = ["Zoho"]

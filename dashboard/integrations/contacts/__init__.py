"""The tab of an integration's contacts.

page    what it shows         tables  people, what a preview found, what ran
forms   which field is which  views   the page, and what its buttons do
"""

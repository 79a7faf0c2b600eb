"""What becomes of each meeting that Fathom tells of, from the vendor's page to our rows.

pages       a page, cut into its meetings       parsing     what one meeting says, and its call
matching    whose it is: a pure function        deciding    what becomes of it: a call, or a reason
storing     a batch in one transaction          statements  the SQL of that
unmatched   what waits, looked at again         simulating  what other aliases would change
assigning   what a person gives to a rep        undoing     taking that back
keeping     what was before it was given      erased      with somebody who is to be forgotten
"""

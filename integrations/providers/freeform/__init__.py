"""Services whose answers have any shape: a person says where in them a contact's values stand.

paths        where a value stands in JSON
fields       what a person enters of it, declared
credentials  how a call says who it is
grants       a token for a client's own credentials (OAuth 2)
mapping      an item of an answer as a contact
listing      a list, page by page
calling      how it is called, who is there
refusals     what is wrong with what was entered
"""

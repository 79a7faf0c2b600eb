"""One search over everything that a person may see.

asking                    what was typed, and what is found of it
people, work, operations  where it is looked for
places                    the pages themselves
looking                   all of these, in order
views                     the page, and what the palette shows
api                       the same over the API
api_urls                  its address
"""

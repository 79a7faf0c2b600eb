"""One search over everything that a person may see.

asking   what was typed, and what is found of it     people, work, operations   where it is looked for
places   the pages themselves, and the shortcuts     views   the page, what the palette shows, the API
"""

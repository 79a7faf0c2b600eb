"""Email Bison's workspaces, as staff look after them.

choosing  which workspaces a page shows      rows    what a card or a line says of one
keys      the tab of keys                    webhooks, calls, health: the other tabs
detail    one workspace, all in one place    views   the pages, and what their buttons do
starters  what started a call, in words
"""

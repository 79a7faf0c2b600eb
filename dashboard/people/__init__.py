"""Leads and contacts: their lists, one person's file, and two who are made one.

lists    a page of leads or of contacts        tables   their columns
forms    filters, and what can be entered      entering a lead or a contact, added and changed
file     one person: who they are              story    what happened with them, in words
twins    who may be the same person, merged    views    the pages
"""

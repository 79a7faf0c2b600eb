"""Contacts of a connected system and ours, kept alike.

speaking what a provider and the sync say to each other
"""

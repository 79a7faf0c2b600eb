"""Syncs: what a workspace has at the vendor, brought into rows, with a proof for each workspace.

reading   numbers, moments and texts as the vendor writes them
replies   replies into rows, once, however they come to be known
leads     interested replies into the leads of whose workspace it is
"""

"""OAuth 2: grants asked for, kept sealed, renewed by one worker at a time, taken back.

declaring  what is odd about each vendor, as data
"""

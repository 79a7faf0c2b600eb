"""What becomes of each meeting that Fathom tells of.

pages     a page cut into its meetings          parsing    what one meeting says, and its call
matching  whose it is: a pure function          storing    from page to rows, whichever way it came
statements  written by storing                   unmatched  what waits, and giving it to a rep
simulating  what other aliases would change
"""

"""The proof: what Fathom listed against what is here, day by day.

listing  what each account's list showed        days         counted per rep and day
reconciling  the list read again, lightly, and its gaps closed
"""

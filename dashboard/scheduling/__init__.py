"""The schedule and what stands behind it: the week's meetings, who is asked in,
and the page of one call.
"""

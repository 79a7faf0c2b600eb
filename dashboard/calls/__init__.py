"""The pages of the call library: the list, one call, reps, figures,
and what is chosen for calls.
"""

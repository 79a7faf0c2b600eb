"""Sources: what each vendor lists, what of it is in Koppel, what was left out and why.

pages     the list, and its summary
rows      one source in a row of it
entering  who sees which source
fathom    the page of Fathom
evidence  what its last checks saw
days      its ledger as a map
records   one day's recordings
queue     what waits for a rep
trying    aliases before they are saved
bison     workspaces, by instance
contacts  one integration
tables    their tables
"""

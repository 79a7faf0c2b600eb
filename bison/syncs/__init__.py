"""Syncs: what a workspace has at the vendor, brought into rows, with a proof for each workspace.

kinds     what each sync is called and does      starting  one way to start them all
rounds    all workspaces of a run, by their keys proving   what they prove together
parts     what a part of a workspace gives       reading   values as the vendor writes them
email_accounts  the list of accounts             counting  the nightly count of accounts
pipeline  campaigns, and replies to them         replies   replies into rows, however they come
leads     interested replies into leads          days      the vendor's figures of each day
analytics what was done on each day              volume    what was sent, and what could have been
reconcile three sides of the accounts            commanding  what commands do alike
working   one part, and what went wrong with it
"""

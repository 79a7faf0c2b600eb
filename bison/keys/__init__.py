"""Keys: which key a call may use, and how keys come, change and go.

choosing     the one rule: which key is used for a workspace
entering     staged, tried, promoted
slots        the two slots, and all that writes to them
canary       the calls that a key is tried by
trying       a test that somebody asks for
making       made at the vendor
bulk_making  for many workspaces, as a run
revoking     used no more
leaks        replaced because others may know it
usage        where a key is used
coverage     how many workspaces have one
reading      a file of keys, as it was sent
planning     its rows, checked
importing    stored, and tried by a run
expiry       what runs out, and what is to be rotated
moving       the old system's registry
terminal     what commands say of keys that come in
exporting    the registry for spreadsheets
"""

from bison.keys.choosing import Chosen, MustHaveItsOwn, NoKey, key_for

__all__ = ["Chosen", "MustHaveItsOwn", "NoKey", "key_for"]

"""Keys: which key a call may use, and how keys come, change and go.

choosing  the one rule: which key is used for a workspace
"""

from bison.keys.choosing import Chosen, MustHaveItsOwn, NoKey, key_for

__all__ = ["Chosen", "MustHaveItsOwn", "NoKey", "key_for"]

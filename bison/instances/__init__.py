"""The hosts that Email Bison runs on.

declaring  an instance as an account at the vendor: its fields, its two super-admin keys, and which is used
"""

from bison.instances.declaring import BISON, active_choice, active_key, check_key, create, use_key

__all__ = ["BISON", "active_choice", "active_key", "check_key", "create", "use_key"]

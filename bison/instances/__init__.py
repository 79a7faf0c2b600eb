"""The hosts that Email Bison runs on.

declaring    an instance as an account at the vendor: its fields, its two super-admin keys,
             and which is used
listing      what a key lists, and whether that is all
saving       what is entered of an instance
discovering  its workspaces, into the registry
"""

from bison.instances.declaring import (
    BISON,
    active_choice,
    active_key,
    check_key,
    create,
    use_key,
    with_active_key,
)

__all__ = [
    "BISON",
    "active_choice",
    "active_key",
    "check_key",
    "create",
    "use_key",
    "with_active_key",
]

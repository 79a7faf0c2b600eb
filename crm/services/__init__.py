"""One function per thing that a person does; pages, API, admin,
imports and the demo all call these.

Who may do it is asked before, by whoever takes the request (`crm.access`); what is right is checked
here, and what the database refuses in a race is said in the same words. Each is one transaction.
"""

from crm.services.appointments import (
    ChangedMeanwhile,
    book_appointment,
    cancel_appointment,
    delete_appointment,
    keep_wall_times,
    move_appointment,
    reopen_appointment,
    settle_appointment,
    update_appointment,
)
from crm.services.availability import Clash
from crm.services.changes import By
from crm.services.claims import grant, withdraw_grant
from crm.services.claims import lock as lock_addresses
from crm.services.invitations import (
    InvitationGone,
    account_exists,
    ask_for_proof,
    invite,
    is_for,
    open_invitations,
    read_invitation,
    revoke_invitation,
    send_again,
    send_invitation,
)
from crm.services.joining import accept_as_new_person, accept_invitation
from crm.services.leaving import Belongings, belongings_of, remove_member
from crm.services.logos import logo_by_digest, logo_of, remove_logo, set_logo
from crm.services.members import add_member, change_role
from crm.services.merging import AlreadyUndone, Undone, merge_people, undo_merge
from crm.services.organizations import (
    change_settings,
    change_tier,
    delete_organization,
    rename_organization,
    settings_of,
)
from crm.services.prospects import (
    create_contact,
    create_lead,
    delete_contact,
    delete_lead,
    update_contact,
    update_lead,
)
from crm.services.reps import (
    add_alias,
    archive_rep,
    create_rep,
    delete_rep,
    remove_alias,
    restore_rep,
    update_rep,
)
from crm.services.teams import create_team, delete_team, update_team

__all__ = [
    "AlreadyUndone",
    "Belongings",
    "By",
    "ChangedMeanwhile",
    "Clash",
    "InvitationGone",
    "Undone",
    "accept_as_new_person",
    "accept_invitation",
    "account_exists",
    "add_alias",
    "add_member",
    "archive_rep",
    "ask_for_proof",
    "belongings_of",
    "book_appointment",
    "cancel_appointment",
    "change_role",
    "change_settings",
    "change_tier",
    "create_contact",
    "create_lead",
    "create_rep",
    "create_team",
    "delete_appointment",
    "delete_contact",
    "delete_lead",
    "delete_organization",
    "delete_rep",
    "delete_team",
    "grant",
    "invite",
    "is_for",
    "keep_wall_times",
    "lock_addresses",
    "logo_by_digest",
    "logo_of",
    "merge_people",
    "move_appointment",
    "open_invitations",
    "read_invitation",
    "remove_alias",
    "remove_logo",
    "remove_member",
    "rename_organization",
    "reopen_appointment",
    "restore_rep",
    "revoke_invitation",
    "send_again",
    "send_invitation",
    "set_logo",
    "settings_of",
    "settle_appointment",
    "undo_merge",
    "update_appointment",
    "update_contact",
    "update_lead",
    "update_rep",
    "update_team",
    "withdraw_grant",
]

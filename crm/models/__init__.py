"""People and their work: organizations, who is in them, whom they sell to, and when they meet."""

from crm.models.invitations import Invitation
from crm.models.logos import Logo
from crm.models.meetings import Appointment
from crm.models.merges import FormerAddress, Merge
from crm.models.organizations import AddressGrant, Member, Organization, OrganizationSettings
from crm.models.privacy import ErasedAddress, Erasure, PersonExport
from crm.models.prospects import Contact, Lead
from crm.models.sales import RepAlias, SalesRep, Team, TeamManager

__all__ = [
    "AddressGrant",
    "Appointment",
    "Contact",
    "ErasedAddress",
    "Erasure",
    "FormerAddress",
    "Invitation",
    "Lead",
    "Logo",
    "Member",
    "Merge",
    "Organization",
    "OrganizationSettings",
    "PersonExport",
    "RepAlias",
    "SalesRep",
    "Team",
    "TeamManager",
]

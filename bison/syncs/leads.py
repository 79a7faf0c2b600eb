"""Interested replies into the leads of the organization whose workspace it is:
one lead for a person, never two.

A lead is found again by its address, or by an earlier reply of the same lead at the vendor.
What a person deleted in the CRM is not made again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError

from bison.models import Reply, Workspace
from core import locks
from crm import addresses
from crm.models import FormerAddress, Lead, Organization
from crm.privacy import returning
from crm.services.prospects import create_lead

# The name of the vendor among a lead's outside ids, and as its source.
SYSTEM: Final = "email_bison"
SOURCE: Final = "Email Bison"
# Why an interested reply became no lead.
NO_ORGANIZATION: Final = "no_organization"
NO_ADDRESS: Final = "no_address"
DELETED: Final = "deleted"
ERASED: Final = returning.ERASED
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Given:
    """What became of interested replies: how many leads are new, known already,
    or left out and why.
    """

    new: int = 0
    known: int = 0
    left_out: tuple[str, ...] = ()


def give(workspace: Workspace, replies: Sequence[Reply], companies: dict[str, str]) -> Given:
    """Give each interested reply its lead; within the caller's transaction,
    in which the replies are locked.

    `companies`: what is known of the company behind a reply, by the reply's number at the vendor.
    """
    if workspace.organization is None:
        return _left_out([(reply, NO_ORGANIZATION) for reply in replies])
    # Two that bring replies of one person at once make one lead.
    locks.hold("bison.leads", workspace.organization.pk)
    known = _known(workspace, workspace.organization, replies)
    new, reasons = 0, []
    for reply in sorted(replies, key=lambda each: (each.received_at, each.vendor_id)):
        address = normalized(reply.from_email)
        if not address:
            reasons.append((reply, NO_ADDRESS))
            continue
        lead = known.get(reply.vendor_lead_id) or known.get(address)
        if lead is None:
            try:
                lead = _made(
                    workspace, workspace.organization, reply, companies.get(reply.vendor_id, "")
                )
            except ValidationError:
                reasons.append((reply, NO_ADDRESS))
                continue
            new += 1
        known[address] = lead
        if reply.vendor_lead_id:
            known[reply.vendor_lead_id] = lead
        reply.lead, reply.no_lead_reason = lead, ""
    left_out = _left_out(reasons)
    return Given(new, len(replies) - new - len(reasons), left_out.left_out)


def normalized(address: str) -> str:
    """Return an address in its one spelling; '' for what is none."""
    try:
        return addresses.normalize(address)
    except ValidationError:
        return ""


def _left_out(reasons: Iterable[tuple[Reply, str]]) -> Given:
    found = []
    for reply, reason in reasons:
        reply.no_lead_reason = reason
        found.append(reason)
    return Given(left_out=tuple(found))


def _known(
    workspace: Workspace, organization: Organization, replies: Sequence[Reply]
) -> dict[str, Lead]:
    """Return the organization's leads by address, and by the numbers that these persons
    have at the vendor.
    """
    spellings = {normalized(reply.from_email) for reply in replies} - {""}
    by_address = Lead.objects.filter(organization=organization, email_normalized__in=spellings)
    former = FormerAddress.objects.filter(
        organization=organization, email_normalized__in=spellings, lead__isnull=False
    )
    found = {
        each.email_normalized: each.lead
        for each in former.select_related("lead")
        if each.lead is not None
    }
    found |= {lead.email_normalized: lead for lead in by_address.order_by("-created_at", "-id")}
    numbers = {reply.vendor_lead_id for reply in replies} - {""}
    earlier = Reply.objects.filter(
        workspace=workspace, vendor_lead_id__in=numbers, lead__organization=organization
    )
    for reply in earlier.select_related("lead"):
        if reply.lead is not None:
            found[reply.vendor_lead_id] = reply.lead
    return found


def _made(workspace: Workspace, organization: Organization, reply: Reply, company: str) -> Lead:
    external = {}
    if reply.vendor_lead_id:
        external = {SYSTEM: f"{workspace.instance.slug}/{reply.vendor_lead_id}"}
    return create_lead(
        organization=organization,
        name=(reply.from_name.strip() or reply.from_email.strip())[:_LONGEST_NAME],
        email=reply.from_email.strip(),
        company=company[:_LONGEST_NAME],
        source=SOURCE,
        external_ids=external,
    )

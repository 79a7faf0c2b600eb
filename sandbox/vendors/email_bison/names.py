"""The names of events: as they are subscribed to, and as the vendor's pages call them."""

from typing import Final

NAMES: Final = {
    "email_sent": "Email Sent", "lead_first_contacted": "Contact First Emailed",
    "lead_replied": "Contact Replied", "lead_interested": "Contact Interested",
    "email_opened": "Email Opened", "email_bounced": "Email Bounced",
    "lead_unsubscribed": "Contact Unsubscribed", "email_account_added": "Email Account Added",
    "email_account_removed": "Email Account Removed",
    "email_account_disconnected": "Email Account Disconnected",
    "email_account_reconnected": "Email Account Reconnected",
    "manual_email_sent": "Manual Email Sent",
    "untracked_reply_received": "Untracked Reply Received", "tag_attached": "Tag Attached",
    "tag_removed": "Tag Removed",
    "warmup_disabled_receiving_bounces": "Warmup Disabled Receiving Bounces",
    "warmup_disabled_causing_bounces": "Warmup Disabled Causing Bounces",
}  # fmt: skip
# Seventeen can be subscribed to; the vendor's own list and its test know the first thirteen.
LISTED: Final = tuple(NAMES)[:13]

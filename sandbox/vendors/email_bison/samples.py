"""The vendor's own sample of an event: of workspace 1, whatever instance sends it."""

from typing import Any

from sandbox.vendors.email_bison.events import envelope


def sample(kind: str) -> dict[str, Any]:
    """Return the documented sample, under the name of any kind."""
    data = {
        "scheduled_email": {
            "id": 4, "lead_id": 1, "sequence_step_id": 2, "email_subject": "test subject",
            "email_body": "<p>test</p>", "status": "sent",
            "scheduled_date_est": "2024-08-02T15:33:00.000000Z",
            "scheduled_date_local": "2024-08-02T15:33:00.000000Z",
            "local_timezone": "America/New_York", "sent_at": "2024-08-02T06:08:38.000000Z",
            "opens": 0, "replies": 0, "unique_opens": 0, "unique_replies": 0, "interested": None,
        },
        "campaign_event": {
            "id": 6, "type": "sent", "created_at_local": "2024-08-02T06:09:35.000000Z",
            "local_timezone": "America/New_York", "created_at": "2024-08-02T06:09:35.000000Z",
        },
        "lead": {
            "id": 1, "email": "casey@sample.example", "first_name": "Casey", "last_name": "Sample",
            "status": "unverified", "title": "CEO", "company": "Sample Inc.",
            "custom_variables": [{"name": "phone number", "value": "19999999999"}],
            "emails_sent": 1, "opens": 0, "unique_opens": 0, "replies": 0, "unique_replies": 0,
            "bounces": 0,
        },
        "campaign": {"id": 2, "name": "test"},
        "sender_email": {
            "id": 3, "name": "Casey", "email": "sender@sample.example", "status": "connected",
            "type": "google_workspace_oauth", "daily_limit": 10, "emails_sent": 1, "replied": 0,
            "opened": 0, "unsubscribed": 0, "bounced": 0, "unique_replies": 0, "unique_opens": 0,
            "total_leads_contacted": 1, "interested": 0,
            "created_at": "2024-08-02T06:06:40.000000Z",
            "updated_at": "2024-08-02T06:08:38.000000Z",
        },
    }  # fmt: skip
    return envelope(kind, (1, "Casey's Team"), data)

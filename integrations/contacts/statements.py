"""What a batch writes, a statement for each table."""

from typing import Final

from core.bulk import Upsert

_PERSON: Final = {
    "id": "uuid",
    "organization_id": "uuid",
    "name": "text",
    "email": "text",
    "email_normalized": "text",
    "phone": "text",
    "company": "text",
}
_CHANGES: Final = {
    "name": "EXCLUDED.name",
    "email": "EXCLUDED.email",
    "email_normalized": "EXCLUDED.email_normalized",
    "phone": "EXCLUDED.phone",
    "company": "EXCLUDED.company",
    "updated_at": "EXCLUDED.updated_at",
}
_NOW: Final = {"created_at": "%(now)s", "updated_at": "%(now)s"}
CONTACTS: Final = Upsert(
    "crm_contact",
    columns={**_PERSON, "lead_id": "uuid"},
    made={"external_ids": "'{}'::jsonb", **_NOW},
    unique=("id",),
    changes=_CHANGES,
    order=("id",),
)
# Leads are never made by a sync: the row is locked, and there.
LEADS: Final = Upsert(
    "crm_lead",
    columns=_PERSON,
    made={"external_ids": "'{}'::jsonb", "status": "'new'", "source": "''", **_NOW},
    unique=("id",),
    changes=_CHANGES,
    order=("id",),
)
_LINK: Final = {
    "id": "uuid",
    "vendor_id": "text",
    "contact_id": "uuid",
    "lead_id": "uuid",
    "state": "text",
    "reason": "text",
    "refusal": "jsonb",
    "email": "text",
    "ours": "jsonb",
    "theirs": "jsonb",
    "taken": "jsonb",
    "is_made_by_pull": "boolean",
    "awaits_echo": "boolean",
    "changed_at": "timestamptz",
    "pushed_at": "timestamptz",
    "seen_in_pass": "integer",
}
LINKS: Final = Upsert(
    "contact_links",
    columns=_LINK,
    made={"integration_id": "%(integration)s::uuid"},
    unique=("id",),
    changes={name: f"EXCLUDED.{name}" for name in _LINK if name != "id"},
    order=("id",),
)
CONFLICTS: Final = Upsert(
    "contact_conflicts",
    columns={"id": "uuid", "link_id": "uuid", "fields": "jsonb"},
    made={"integration_id": "%(integration)s::uuid", "opened_at": "%(now)s", "kept": "''"},
    unique=("link_id) WHERE (resolved_at IS NULL",),
    changes={"fields": "EXCLUDED.fields"},
    order=("link_id",),
)
SEEN: Final = """
UPDATE contact_links SET seen_in_pass = %s
WHERE integration_id = %s AND vendor_id = ANY(%s) AND vendor_id <> '' AND seen_in_pass <> %s
"""

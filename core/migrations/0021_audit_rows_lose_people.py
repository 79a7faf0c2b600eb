"""A row of the audit log may lose a person who is erased, and nothing else; the chain notes what became of it.

The database lets an UPDATE pass where the transaction asks for it by name (core.audit.redacting alone does). Whoever
changes a row in this way without our key is reported by `verify_audit`, as before.
"""

from django.db import migrations

MAY_REDACT = """
CREATE OR REPLACE FUNCTION audit_logs_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('koppel.audit_redaction', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'audit_logs is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
"""
REFUSES_ALL = """
CREATE OR REPLACE FUNCTION audit_logs_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_logs is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0020_key_hours")]
    operations = [migrations.RunSQL(MAY_REDACT, REFUSES_ALL)]

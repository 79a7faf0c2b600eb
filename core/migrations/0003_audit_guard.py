"""The audit log takes rows and gives none back: the database itself refuses UPDATE, DELETE and TRUNCATE.

Whoever owns the table can still remove the triggers; what they change then is reported by `verify_audit`. The key of
its hashes lies in stable_keys, sealed; core.audit.chain.begin (after `migrate`) makes it and the first head.
"""

from django.db import migrations, models

import core.secrets.fields

GUARD = """
CREATE FUNCTION audit_logs_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_logs is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_logs_no_change BEFORE UPDATE OR DELETE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION audit_logs_refuse();
CREATE TRIGGER audit_logs_no_truncate BEFORE TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION audit_logs_refuse();
"""
UNGUARD = """
DROP TRIGGER audit_logs_no_truncate ON audit_logs;
DROP TRIGGER audit_logs_no_change ON audit_logs;
DROP FUNCTION audit_logs_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_partitioned_logs")]
    operations = [
        migrations.CreateModel(
            name="StableKey",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("value", core.secrets.fields.EncryptedTextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"db_table": "stable_keys"},
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]

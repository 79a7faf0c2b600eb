"""No call names a row of another tenant: foreign keys over the organization and the id together (as crm has them)."""

from typing import Any

from django.db import migrations

# (table, column, the table that it points at)
KEYS = (
    ("calls_call", "appointment_id", "crm_appointment"),
    ("calls_call", "lead_id", "crm_lead"),
    ("calls_call", "rep_id", "crm_salesrep"),
)


def key(table: str, column: str, target: str) -> Any:
    name = f"{table}_{column}_same_organization"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (organization_id, {column})"
        f" REFERENCES {target} (organization_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_calls"), ("crm", "0003_same_organization")]

    operations = [key(*row) for row in KEYS]

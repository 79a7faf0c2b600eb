"""No row names a row of another tenant: foreign keys over the organization and the id together.

Django draws none over two columns, so they are drawn here; the models say `db_constraint=False` where one of these
stands in. Checked at commit, as Django's own are; a null in the second column means "nobody" and is not checked.
"""

from typing import Any

from django.db import migrations

# (table, column, the table that it points at)
KEYS = (
    ("crm_teammanager", "team_id", "crm_team"),
    ("crm_teammanager", "member_id", "crm_member"),
    ("crm_salesrep", "team_id", "crm_team"),
    ("crm_salesrep", "member_id", "crm_member"),
    ("crm_repalias", "rep_id", "crm_salesrep"),
    ("crm_lead", "qualified_by_id", "crm_member"),
    ("crm_lead", "team_id", "crm_team"),
    ("crm_contact", "lead_id", "crm_lead"),
    ("crm_appointment", "lead_id", "crm_lead"),
    ("crm_appointment", "closer_id", "crm_member"),
    ("crm_appointment", "setter_id", "crm_member"),
    ("crm_appointment", "team_id", "crm_team"),
)


def key(table: str, column: str, target: str) -> Any:
    name = f"{table}_{column}_same_organization"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (organization_id, {column})"
        f" REFERENCES {target} (organization_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_people_and_their_work")]

    operations = [key(*row) for row in KEYS]

"""Name what the old system named, and hold its lists of words: whoever reads the tables finds them as they were.

The checklist is found by its workspace's name. A rename takes it along by ON UPDATE CASCADE, which Django cannot say.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import core.secrets.fields

BY_NAME = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE client_onboarding_checklist ADD COLUMN workspace_name varchar(200);
UPDATE client_onboarding_checklist c SET workspace_name = r.workspace_name
    FROM client_registry r WHERE r.id = c.workspace_id;
ALTER TABLE client_onboarding_checklist DROP COLUMN workspace_id;
ALTER TABLE client_onboarding_checklist ADD PRIMARY KEY (workspace_name);
ALTER TABLE client_onboarding_checklist ADD CONSTRAINT a_checklist_goes_with_its_workspace
    FOREIGN KEY (workspace_name) REFERENCES client_registry (workspace_name)
    ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""
BY_ID = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE client_onboarding_checklist ADD COLUMN workspace_id uuid;
UPDATE client_onboarding_checklist c SET workspace_id = r.id
    FROM client_registry r WHERE r.workspace_name = c.workspace_name;
ALTER TABLE client_onboarding_checklist DROP COLUMN workspace_name;
ALTER TABLE client_onboarding_checklist ADD PRIMARY KEY (workspace_id);
ALTER TABLE client_onboarding_checklist ADD CONSTRAINT a_checklist_is_of_a_workspace
    FOREIGN KEY (workspace_id) REFERENCES client_registry (id) DEFERRABLE INITIALLY DEFERRED;
"""


def holds(model: str, name: str, column: str, words: list[str]) -> migrations.AddConstraint:
    """Return the constraint that a column has one of these words."""
    condition = Q(**{f"{column}__in": words})
    return migrations.AddConstraint(model, models.CheckConstraint(condition=condition, name=name))


class Migration(migrations.Migration):
    dependencies = [("bison", "0001_registry")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(BY_NAME, BY_ID)],
            [
                migrations.AlterField(
                    "onboarding",
                    "workspace",
                    models.OneToOneField(
                        db_column="workspace_name",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="onboarding",
                        serialize=False,
                        to="bison.workspace",
                        to_field="workspace_name",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            "workspace",
            "bison_webhook_url",
            core.secrets.fields.EncryptedTextField(blank=True, editable=False, null=True),
        ),
        holds("workspace", "a_key_is_of_a_known_type", "bison_api_key_type", ["", "workspace", "super_admin", "team"]),
        holds(
            "workspace",
            "a_key_has_a_known_status",
            "bison_api_key_status",
            ["active", "inactive", "revoked", "expired"],
        ),
        holds(
            "workspace",
            "a_webhook_has_a_known_status",
            "bison_webhook_status",
            ["healthy", "degraded", "failing", "disabled"],
        ),
        holds(
            "workspace",
            "a_workspace_has_a_known_health",
            "api_health_status",
            ["healthy", "degraded", "failing", "unknown"],
        ),
        holds(
            "onboarding",
            "an_onboarding_has_a_known_status",
            "onboarding_status",
            ["not_started", "in_progress", "completed", "blocked"],
        ),
    ]

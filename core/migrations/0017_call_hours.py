"""How calls went, by the hour: made from the log, so that charts need not read it."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Failures are few: a workspace's are found without passing over its successes.
FAILED_OF_A_WORKSPACE = """
CREATE INDEX api_call_logs_workspace_failed ON api_call_logs (workspace_name, created_at DESC, id DESC)
    WHERE NOT success AND workspace_name <> ''
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0016_last_tested"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiCallHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("scope", models.CharField(max_length=9)),
                ("vendor", models.CharField(blank=True, max_length=40)),
                ("instance", models.CharField(blank=True, db_column="bison_instance", max_length=60)),
                ("workspace_name", models.CharField(blank=True, max_length=200)),
                ("calls", models.PositiveIntegerField()),
                ("successes", models.PositiveIntegerField()),
                ("failures", models.PositiveIntegerField()),
                (
                    "steps",
                    django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None),
                ),
                (
                    "step_counts",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None),
                ),
            ],
            options={
                "verbose_name": "hour of outgoing calls",
                "verbose_name_plural": "hours of outgoing calls",
                "db_table": "api_call_hours",
                "ordering": ["-hour", "id"],
                "indexes": [models.Index(fields=["hour"], name="call_hours_by_time")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("scope", "vendor", "workspace_name", "hour", "instance"),
                        name="an_hour_is_rolled_up_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(FAILED_OF_A_WORKSPACE, "DROP INDEX api_call_logs_workspace_failed"),
    ]

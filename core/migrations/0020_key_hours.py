"""Who called with which key, by the hour.

The marks of the last thirty days' hours are taken away, so that these are rolled up anew, with their keys. Until then
whoever asks reads the log.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

ROLL_UP_ANEW = """
DELETE FROM api_call_hours WHERE scope = 'hour' AND hour >= now() - interval '31 days'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0019_windows_of_staff"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKeyHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("vendor", models.CharField(max_length=40)),
                ("api_key_used", models.CharField(max_length=16)),
                ("workspace_name", models.CharField(blank=True, max_length=200)),
                ("function_name", models.CharField(blank=True, max_length=80)),
                ("triggered_by", models.CharField(blank=True, max_length=40)),
                ("calls", models.PositiveIntegerField()),
                ("last_call_at", models.DateTimeField()),
                ("run_ids", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
            ],
            options={
                "verbose_name": "hour of a key",
                "verbose_name_plural": "hours of keys",
                "db_table": "api_key_hours",
                "ordering": ["-hour", "id"],
                "indexes": [
                    models.Index(fields=["vendor", "api_key_used", "hour"], name="key_hours_by_key"),
                    models.Index(fields=["hour"], name="key_hours_by_time"),
                ],
            },
        ),
        migrations.RunSQL(ROLL_UP_ANEW, migrations.RunSQL.noop),
    ]

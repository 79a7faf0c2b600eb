"""`success` of an outgoing call may be null: the answer was one that the caller takes, and yet no success.

Rows written before say true there; they are put right. Not in one transaction: the table takes new rows meanwhile.
"""

from django.db import migrations, models

PUT_RIGHT = "UPDATE api_call_logs SET success = NULL WHERE success AND status_code NOT BETWEEN 200 AND 299"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("core", "0009_lanes"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE api_call_logs ALTER COLUMN success DROP NOT NULL",
            "ALTER TABLE api_call_logs ALTER COLUMN success SET NOT NULL",
            state_operations=[migrations.AlterField("apicall", "success", models.BooleanField(null=True))],
        ),
        migrations.RunSQL(PUT_RIGHT, "UPDATE api_call_logs SET success = true WHERE success IS NULL"),
    ]

"""The labels of states are the words of `core.words.states`: nothing changes in the tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0013_beginnings_and_likeness"),
    ]

    operations = [
        migrations.AlterField(
            model_name="call",
            name="status",
            field=models.CharField(
                choices=[("PENDING", "Planned"), ("ONGOING", "Ongoing"), ("COMPLETED", "Held")],
                default="PENDING",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="recording",
            name="state",
            field=models.CharField(
                choices=[
                    ("starting", "Recording starts"),
                    ("active", "Being recorded"),
                    ("processing", "Being prepared"),
                    ("available", "Recorded"),
                    ("failed", "Recording failed"),
                    ("expired", "Recording deleted"),
                ],
                default="starting",
                max_length=10,
            ),
        ),
    ]

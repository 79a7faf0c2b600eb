"""The labels of states are the words of `core.words.states`: nothing changes in the tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0006_calls_written_down"),
    ]

    operations = [
        migrations.AlterField(
            model_name="appointment",
            name="status",
            field=models.CharField(
                choices=[
                    ("scheduled", "Planned"),
                    ("completed", "Held"),
                    ("cancelled", "Cancelled"),
                    ("no_show", "No-show"),
                ],
                default="scheduled",
                max_length=10,
            ),
        ),
    ]

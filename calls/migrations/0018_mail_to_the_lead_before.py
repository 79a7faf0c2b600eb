"""Let whoever was the lead of a meeting before hear that they are not any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0017_meeting_mails"),
    ]

    operations = [
        migrations.AlterField(
            model_name="meetingmail",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invited", "Invitation"),
                    ("moved", "New time"),
                    ("cancelled", "Cancellation"),
                    ("uninvited", "Cancellation, to the lead before"),
                ],
                max_length=10,
            ),
        ),
    ]

"""A walk back through time says which moment it has reached."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0007_waits_until"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="progress_reached",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]

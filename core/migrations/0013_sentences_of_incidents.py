"""An incident keeps its sentences as they are written in the code, so that each reader has them in their language."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0012_incidents_of_everybody"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="sentences",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
    ]

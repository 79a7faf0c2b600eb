"""Calls of our own rooms that are over, by their planned end: how those are found that may go on."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("calls", "0008_where_recordings_were_put")]

    operations = [
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=Q(("source", "native"), ("status", "COMPLETED")),
                fields=["scheduled_end"],
                name="call_may_go_on",
            ),
        ),
    ]

"""Why an object was not deleted when that was last tried, on the row of its recording."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("calls", "0006_a_call_is_an_organizations")]

    operations = [
        migrations.AddField(
            model_name="recording",
            name="deletion_error",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddField(
            model_name="removedrecording",
            name="deletion_error",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                condition=Q(("deleted_at", None), ~Q(("deletion_error", ""))),
                fields=["checked_at"],
                name="recording_not_deleted",
            ),
        ),
    ]

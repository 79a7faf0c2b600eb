"""The address of the storage beside bucket and key: another storage's word proves nothing of what was put at this."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0007_recordings_not_deleted")]

    operations = [
        migrations.AddField(
            model_name="recording",
            name="endpoint",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="removedrecording",
            name="endpoint",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
    ]

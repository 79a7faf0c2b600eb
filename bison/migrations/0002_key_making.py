"""Remember that a key is being made at the vendor, so that nobody makes another meanwhile."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("bison", "0001_registry"),)
    operations = (
        migrations.AddField(
            model_name="workspace",
            name="key_making",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
    )

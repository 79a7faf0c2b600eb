"""Remember which replies were a lead once: a lead that somebody deleted is not made again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bison", "0001_registry")]

    operations = [
        migrations.AddField("reply", "had_lead", models.BooleanField(default=False)),
    ]

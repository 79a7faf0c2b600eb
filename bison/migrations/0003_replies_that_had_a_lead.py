"""Remember which replies were a lead once: a lead that somebody deleted is not made again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bison", "0002_key_making")]

    operations = [
        migrations.AddField("reply", "had_lead", models.BooleanField(default=False)),
    ]

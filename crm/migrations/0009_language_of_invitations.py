"""An invitation may be written in another language than the organization's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0008_people_merged")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="language",
            field=models.CharField(
                blank=True,
                choices=[("en", "English"), ("nl", "Nederlands"), ("fr", "Français")],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
    ]

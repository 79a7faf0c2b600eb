"""What hits every organization is shown to their members as well."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0011_words_of_states"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="for_everybody",
            field=models.TextField(blank=True, default=""),
        ),
    ]

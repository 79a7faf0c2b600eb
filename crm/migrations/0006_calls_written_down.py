"""Whether an organization has what was said in its calls written down."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0005_invitation_for_one_address")]

    operations = [
        migrations.AddField(
            model_name="organizationsettings",
            name="call_transcription_enabled",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]

"""A row for each organization that has a meeting; and with what key an account's meetings were listed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0006_a_call_is_an_organizations"), ("fathom_sync", "0003_registered_key")]

    operations = [
        migrations.AddField(
            model_name="fathomaccount",
            name="listing_key",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="fathomaccount",
            name="listing_since",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="fathommeeting",
            constraint=models.UniqueConstraint(
                fields=("recording_id", "organization"),
                name="an_organization_has_a_meeting_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AlterField(
            model_name="fathommeeting", name="recording_id", field=models.CharField(max_length=64)
        ),
    ]

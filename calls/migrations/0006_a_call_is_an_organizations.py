"""A source's id names a call within its organization: what another organization's account says is another call."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0005_recordings_proved")]

    operations = [
        migrations.RemoveConstraint(model_name="call", name="a_source_has_a_call_once"),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("external_id", "source", "organization"),
                name="an_organization_has_a_call_once",
            ),
        ),
    ]

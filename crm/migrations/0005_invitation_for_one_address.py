"""An invitation is for the address that it was sent to, unless the one who invited said otherwise."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0004_granted_addresses")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="for_any_address",
            field=models.BooleanField(db_default=False, default=False, verbose_name="for whoever has the link"),
        ),
    ]

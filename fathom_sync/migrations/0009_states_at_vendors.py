"""What core.vendors keeps goes from Fathom's own table."""

from django.db import migrations

from core.secrets.fields import EncryptedTextField


class Migration(migrations.Migration):
    dependencies = [("fathom_sync", "0008_accounts_at_vendors")]

    operations = [
        migrations.RemoveField(model_name="fathomaccount", name="own_status"),
        migrations.RemoveField(model_name="fathomaccount", name="own_last_test"),
        migrations.RemoveField(model_name="fathomaccount", name="checked_key"),
        migrations.RemoveField(model_name="fathomaccount", name="status_at"),
        migrations.AlterField(
            model_name="fathomaccount",
            name="own_api_key",
            field=EncryptedTextField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="fathomaccount",
            name="own_webhook_secret",
            field=EncryptedTextField(blank=True, editable=False, null=True),
        ),
    ]

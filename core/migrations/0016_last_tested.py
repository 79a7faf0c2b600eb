"""When a person last tried an account: what work learns of its key is no test."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0015_vendors_and_ledger")]

    operations = [
        migrations.AddField(
            model_name="vendoraccount",
            name="last_tested_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]

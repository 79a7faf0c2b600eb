"""The toy vendor's records."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0015_vendors_and_ledger'),
    ]

    operations = [
        migrations.CreateModel(
            name='ToyRecord',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('vendor_id', models.CharField(max_length=200)),
                ('name', models.CharField(max_length=20)),
                ('day', models.DateField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='core.vendoraccount')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'vendor_id'), name='a_toy_is_kept_once')],
            },
        ),
    ]

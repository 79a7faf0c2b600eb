"""Connected accounts and their secrets, and the days of the ledger."""


import core.connections
import core.secrets.fields
import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0014_runs_know_their_subject'),
    ]

    operations = [
        migrations.CreateModel(
            name='SourceDay',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=60)),
                ('subject_id', models.UUIDField()),
                ('organization_id', models.UUIDField(blank=True, null=True)),
                ('day', models.DateField()),
                ('at_vendor', models.PositiveIntegerField(default=0)),
                ('in_koppel', models.PositiveIntegerField(default=0)),
                ('left_out', models.JSONField(blank=True, default=dict)),
                ('missing', models.PositiveIntegerField(default=0)),
                ('missing_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('healed', models.PositiveIntegerField(default=0)),
                ('gone', models.PositiveIntegerField(default=0)),
                ('checked_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'day of the ledger',
                'verbose_name_plural': 'days of the ledger',
                'db_table': 'ledger_days',
                'ordering': ['-day', 'id'],
                'indexes': [models.Index(fields=['organization_id', '-day'], name='source_days_of_organization')],
                'constraints': [models.UniqueConstraint(fields=('source', 'subject_id', 'day'), name='a_source_counts_a_day_once')],
            },
        ),
        migrations.CreateModel(
            name='VendorAccount',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('vendor', models.CharField(max_length=60)),
                ('organization_id', models.UUIDField(blank=True, null=True)),
                ('label', models.CharField(blank=True, default='', max_length=200)),
                ('values', models.JSONField(blank=True, default=dict)),
                ('next_values', models.JSONField(blank=True, default=dict)),
                ('tried_with', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('state', models.CharField(choices=[('connected', 'connected'), ('error', 'error'), ('not_configured', 'not_configured')], default=core.connections.Connection['NOT_CONFIGURED'], editable=False, max_length=14)),
                ('state_since', models.DateTimeField(blank=True, editable=False, null=True)),
                ('cause', models.TextField(blank=True, default='', editable=False)),
                ('cause_said', models.JSONField(blank=True, default=dict, editable=False)),
                ('last_checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('last_good_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'account at a vendor',
                'verbose_name_plural': 'accounts at vendors',
                'db_table': 'vendor_accounts',
                'ordering': ['vendor', 'created_at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('vendor', 'organization_id', 'label'), name='one_vendor_account_per_label', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='SeenNames',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list, size=None)),
                ('left_out', models.JSONField(default=dict)),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.run')),
            ],
            options={
                'verbose_name': 'day that a walk has seen',
                'verbose_name_plural': 'days that walks have seen',
                'db_table': 'ledger_seen',
                'constraints': [models.UniqueConstraint(fields=('run', 'day'), name='a_run_sees_a_day_once')],
            },
        ),
        migrations.CreateModel(
            name='VendorSecret',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('field', models.CharField(max_length=60)),
                ('slot', models.CharField(choices=[('current', 'In use'), ('next', 'Waits until it has worked')], max_length=8)),
                ('value', core.secrets.fields.EncryptedTextField()),
                ('entered_at', models.DateTimeField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='secrets', to='core.vendoraccount')),
                ('entered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'secret of an account',
                'verbose_name_plural': 'secrets of accounts',
                'db_table': 'vendor_secrets',
                'constraints': [models.UniqueConstraint(fields=('account', 'field', 'slot'), name='one_secret_per_field_and_slot')],
            },
        ),
    ]

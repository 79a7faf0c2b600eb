"""Merges of people, the addresses that stay known, and what lists of people are served by."""

import uuid
from typing import Any

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import crm.finding

# As in 0003: nobody names a lead of another organization.
KEYS = ("crm_merge", "crm_formeraddress")


def key(table: str) -> Any:
    name = f"{table}_lead_id_same_organization"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (organization_id, lead_id)"
        " REFERENCES crm_lead (organization_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0007_words_of_states'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name='FormerAddress',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('email', models.CharField(max_length=254)),
                ('email_normalized', models.CharField(max_length=254)),
            ],
            options={
                'verbose_name': 'former address of a person',
                'verbose_name_plural': 'former addresses of people',
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('other_id', models.UUIDField()),
                ('other', models.JSONField(default=dict)),
                ('changed', models.JSONField(default=dict)),
                ('moved', models.JSONField(default=dict)),
                ('merged_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'merge of two people',
                'verbose_name_plural': 'merges of people',
                'ordering': ['-merged_at', '-id'],
            },
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(models.F('organization'), models.OrderBy(models.F('updated_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='contact_by_change'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(models.F('organization'), django.db.models.functions.text.Upper('name'), name='contact_by_upper_name'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(models.F('organization'), django.db.models.functions.text.Right(models.Func(models.F('phone'), models.Value('\\D'), models.Value(''), models.Value('g'), function='regexp_replace', output_field=models.TextField()), 9), condition=models.Q(('phone', ''), _negated=True), name='contact_by_phone'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper(crm.finding.Joined(models.F('name'), models.F('email'), models.F('company'), models.F('phone'))), name='gin_trgm_ops'), name='contact_words'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['organization', 'name', 'id'], name='lead_by_name'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(models.F('organization'), models.OrderBy(models.F('updated_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='lead_by_change'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(models.F('organization'), django.db.models.functions.text.Upper('name'), name='lead_by_upper_name'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(models.F('organization'), django.db.models.functions.text.Right(models.Func(models.F('phone'), models.Value('\\D'), models.Value(''), models.Value('g'), function='regexp_replace', output_field=models.TextField()), 9), condition=models.Q(('phone', ''), _negated=True), name='lead_by_phone'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper(crm.finding.Joined(models.F('name'), models.F('email'), models.F('company'), models.F('phone'))), name='gin_trgm_ops'), name='lead_words'),
        ),
        migrations.AddField(
            model_name='formeraddress',
            name='contact',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='former_addresses', to='crm.contact'),
        ),
        migrations.AddField(
            model_name='formeraddress',
            name='lead',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='former_addresses', to='crm.lead'),
        ),
        migrations.AddField(
            model_name='formeraddress',
            name='organization',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crm.organization'),
        ),
        migrations.AddField(
            model_name='merge',
            name='contact',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='crm.contact'),
        ),
        migrations.AddField(
            model_name='merge',
            name='lead',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='crm.lead'),
        ),
        migrations.AddField(
            model_name='merge',
            name='merged_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='merge',
            name='organization',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='crm.organization'),
        ),
        migrations.AddField(
            model_name='merge',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='formeraddress',
            name='merge',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_addresses', to='crm.merge'),
        ),
        migrations.AddIndex(
            model_name='merge',
            index=models.Index(fields=['organization', '-merged_at'], name='merge_by_time'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.CheckConstraint(condition=models.Q(('lead__isnull', True), ('contact__isnull', True), _connector='XOR'), name='merge_of_a_lead_or_a_contact'),
        ),
        migrations.AddIndex(
            model_name='formeraddress',
            index=models.Index(fields=['organization', 'email_normalized'], name='former_address_by_email'),
        ),
        *(key(table) for table in KEYS),
    ]

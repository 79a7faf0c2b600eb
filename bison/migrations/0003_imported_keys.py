"""Keep what comes of a file of keys, row by row."""


import core.ids
import core.secrets.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bison', '0002_the_old_systems_columns'),
        ('core', '0018_incidents_attended'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportedKey',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('row', models.PositiveIntegerField()),
                ('key', core.secrets.fields.EncryptedTextField(editable=False, null=True)),
                ('fingerprint', models.CharField(max_length=64)),
                ('facts', models.JSONField(default=dict)),
                ('outcome', models.CharField(blank=True, default='', max_length=20)),
                ('reason', models.TextField(blank=True, default='')),
                (
                    'run',
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name='+',
                        to='core.run',
                    ),
                ),
                (
                    'workspace',
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name='+',
                        to='bison.workspace',
                    ),
                ),
            ],
            options={
                'verbose_name': 'imported key',
                'verbose_name_plural': 'imported keys',
                'db_table': 'bison_imported_keys',
                'ordering': ['run', 'row'],
                'indexes': [models.Index(fields=['workspace'], name='imported_keys_by_workspace')],
                'constraints': [models.UniqueConstraint(fields=('run', 'row'), name='a_row_of_a_file_is_taken_once')],
            },
        ),
    ]

"""What people make of a call: action items as rows, comments, and an outcome and a lead that no source overrules."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

# The key is what `calls.action_items.key_of` makes of the same words.
FILL = r"""
INSERT INTO calls_callaction (
    id, call_id, ordinal, text, text_key, nth, from_source, who, at, url, is_done, is_decided, created_at
)
SELECT gen_random_uuid(), call_id, place - 1, text, key,
    row_number() OVER (PARTITION BY call_id, key ORDER BY place) - 1, true, who, at, url, is_done, false, now()
FROM (
    SELECT call_id, place, text, left(lower(regexp_replace(text, '\s+', ' ', 'g')), 200) AS key, who, at, url, is_done
    FROM (
        SELECT c.id AS call_id, place,
            left(btrim(CASE jsonb_typeof(item)
                WHEN 'object' THEN coalesce(nullif(item ->> 'description', ''), item ->> 'text')
                WHEN 'string' THEN item #>> '{}' END), 2000) AS text,
            left(coalesce(CASE jsonb_typeof(item -> 'assignee')
                WHEN 'object' THEN item -> 'assignee' ->> 'name'
                WHEN 'string' THEN item ->> 'assignee' END, ''), 200) AS who,
            CASE WHEN jsonb_typeof(item -> 'at') = 'number' THEN (item ->> 'at')::float END AS at,
            CASE WHEN item ->> 'url' LIKE 'https://%' AND length(item ->> 'url') <= 2000 THEN item ->> 'url' ELSE ''
                END AS url,
            coalesce(item -> 'completed' = 'true', false) AS is_done
        FROM calls_call c
        CROSS JOIN LATERAL jsonb_array_elements(c.action_items) WITH ORDINALITY AS items(item, place)
        WHERE jsonb_typeof(c.action_items) = 'array' AND c.action_items <> '[]' AND place <= 500
    ) read
    WHERE text <> ''
) keyed
"""


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0015_runs_know_their_recording'),
        ('crm', '0007_words_of_states'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='lead_set_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='call',
            name='outcome_set_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.CreateModel(
            name='CallComment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.PositiveIntegerField(blank=True, null=True)),
                ('text', models.TextField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('edited_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='calls.call')),
            ],
            options={
                'verbose_name': 'comment',
                'ordering': ['created_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='CallAction',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('ordinal', models.PositiveIntegerField(default=0)),
                ('text', models.TextField()),
                ('text_key', models.CharField(editable=False, max_length=200)),
                ('nth', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('from_source', models.BooleanField(default=False)),
                ('who', models.CharField(blank=True, default='', max_length=200)),
                ('at', models.FloatField(blank=True, null=True)),
                ('url', models.CharField(blank=True, default='', max_length=2000)),
                ('is_done', models.BooleanField(default=False)),
                ('is_decided', models.BooleanField(default=False)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('assignee', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='actions', to='crm.member')),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='actions', to='calls.call')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'action item',
                'ordering': ['ordinal', 'created_at', 'id'],
                'indexes': [models.Index(condition=models.Q(('is_done', False)), fields=['assignee'], name='open_actions_of_member')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('from_source', True)), fields=('call', 'text_key', 'nth'), name='a_source_says_an_item_once')],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]

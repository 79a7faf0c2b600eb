"""The vendor's side of the ledger gets rows of its own.

Until the next check they are filled with what the meetings' rows say was listed; no day of that counts as walked whole
(`walked_at` stays empty), and the next nightly check walks through all there is.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models


FILL = """
INSERT INTO fathom_sync_listedday (id, account_id, day, key, names, gone, earlier)
SELECT gen_random_uuid(), a.id, m.day, a.listing_key,
    coalesce(array_agg(m.recording_id) FILTER (WHERE m.unlisted = 0 AND s.is_of_this_key), '{}'),
    coalesce(array_agg(m.recording_id) FILTER (WHERE m.unlisted > 0 AND s.is_of_this_key), '{}'),
    coalesce(array_agg(m.recording_id) FILTER (WHERE NOT s.is_of_this_key), '{}')
FROM fathom_sync_fathommeeting m
JOIN fathom_sync_fathomaccount a ON a.id = ANY(m.accounts)
CROSS JOIN LATERAL (SELECT a.listing_since IS NULL OR m.as_of >= a.listing_since AS is_of_this_key) AS s
WHERE a.listing_key <> ''
GROUP BY a.id, m.day
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0007_waits_until"),
        ("fathom_sync", "0005_newest_waiting"),
    ]

    operations = [
        migrations.AddField(
            model_name="fathomaccount",
            name="status_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="fathomaccount",
            name="failing_since",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="ledgerday",
            name="doubled",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="ledgerday",
            name="earlier_key",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="ListedDay",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("key", models.CharField(max_length=64)),
                (
                    "names",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                (
                    "gone",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                (
                    "earlier",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                ("walked_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listed_days",
                        to="fathom_sync.fathomaccount",
                    ),
                ),
            ],
            options={
                "verbose_name": "listed day",
                "verbose_name_plural": "listed days",
                "indexes": [models.Index(fields=["day"], name="listed_by_day")],
                "constraints": [models.UniqueConstraint(fields=("account", "day"), name="an_account_lists_a_day_once")],
            },
        ),
        migrations.CreateModel(
            name="SeenDay",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                (
                    "names",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.run"
                    ),
                ),
            ],
            options={
                "verbose_name": "day that a walk has seen",
                "verbose_name_plural": "days that walks have seen",
                "constraints": [models.UniqueConstraint(fields=("run", "day"), name="a_walk_sees_a_day_once")],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL("UPDATE fathom_sync_fathomaccount SET history_checked_at = NULL", migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name="fathommeeting",
            name="unlisted",
        ),
    ]

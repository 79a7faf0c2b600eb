"""Words found by their beginning, and what a mistyped word is like.

`calls_query` is websearch_to_tsquery whose last word may go on: that has no sign for a beginning of its own. The words of
calls that were read before are learned by the timetable, as those of new ones are.
"""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

QUERY = """
CREATE FUNCTION calls_query(words text, begins boolean) RETURNS tsquery
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN begins AND right(websearch_to_tsquery('calls_words', words)::text, 1) = ''''
        THEN (websearch_to_tsquery('calls_words', words)::text || ':*')::tsquery
        ELSE websearch_to_tsquery('calls_words', words)
    END
$$;
"""
LEARN_ALL = "INSERT INTO calls_unlearnedcall (call_id) SELECT call_id FROM calls_callsearch WHERE vector IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0012_signs_of_life"),
        ("crm", "0003_same_organization"),
    ]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(QUERY, "DROP FUNCTION calls_query(text, boolean)"),
        migrations.CreateModel(
            name="SearchedWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.organization",
                    ),
                ),
                ("word", models.CharField(max_length=40)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["word"], name="words_alike", opclasses=["gin_trgm_ops"]
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "word"), name="an_organization_has_a_word_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="UnlearnedCall",
            fields=[
                (
                    "call",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="calls.call",
                    ),
                )
            ],
        ),
        migrations.RunSQL(LEARN_ALL, migrations.RunSQL.noop),
    ]

"""Keep which names workspaces took, and when: their calls are found in the log by each.

There is nothing to fill in: what a workspace was called before is written down nowhere.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bison", "0003_imported_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="NameTaken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("since", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names_taken",
                        to="bison.workspace",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a workspace",
                "verbose_name_plural": "names of workspaces",
                "db_table": "bison_names_taken",
                "ordering": ["name", "since", "id"],
                "indexes": [
                    models.Index(fields=["name", "since"], name="names_taken_by_name"),
                    models.Index(fields=["workspace"], name="names_taken_by_workspace"),
                ],
            },
        ),
    ]

"""Runs of one lane go one after another."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0008_progress_reached"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="lane",
            field=models.CharField(blank=True, default="", editable=False, max_length=200),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="run", name="one_open_run_per_lock"),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("cancel_requested", False),
                    ("state__in", ["queued", "running"]),
                    models.Q(("lock_key", ""), _negated=True),
                ),
                fields=("kind", "lock_key"),
                name="one_open_run_per_lock",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "running"), models.Q(("lane", ""), _negated=True)),
                fields=("lane",),
                name="one_running_run_per_lane",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "running"]), models.Q(("lane", ""), _negated=True)),
                fields=["lane", "id"],
                name="runs_open_of_a_lane",
            ),
        ),
    ]

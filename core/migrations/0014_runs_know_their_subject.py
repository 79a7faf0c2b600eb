"""A run knows what it is about as columns, and its kind how it is worked: the task's name goes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0013_sentences_of_incidents")]

    operations = [
        # With a default, so that the way back has something for the rows that are there.
        migrations.AlterField(model_name="run", name="task", field=models.CharField(default="", max_length=120)),
        migrations.RemoveField(model_name="run", name="task"),
        migrations.AddField(
            model_name="run", name="subject_id", field=models.UUIDField(blank=True, editable=False, null=True)
        ),
        migrations.AddField(
            model_name="run",
            name="subject_type",
            field=models.CharField(blank=True, editable=False, max_length=60),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("subject_id__isnull", False)),
                fields=["subject_id", "-created_at"],
                name="runs_by_subject",
            ),
        ),
    ]

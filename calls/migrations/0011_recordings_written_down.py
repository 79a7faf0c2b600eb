"""How far Koppel is with writing down what was said in each recording; and which recordings are new, for its timer."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0010_links_run_out_with_their_meeting")]

    operations = [
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                condition=models.Q(("state", "available")), fields=["created_at"], name="recording_playable"
            ),
        ),
        migrations.CreateModel(
            name="Transcription",
            fields=[
                (
                    "recording",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="transcription",
                        serialize=False,
                        to="calls.recording",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("working", "Being written down"),
                            ("incomplete", "Tried again later"),
                            ("done", "Written down"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=40)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("run_id", models.UUIDField(blank=True, editable=False, null=True)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("segments", models.JSONField(blank=True, default=list)),
                ("files_heard", models.PositiveSmallIntegerField(default=0)),
                ("heard_at", models.DateTimeField(blank=True, null=True)),
                ("language", models.CharField(blank=True, default="", max_length=20)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "working", "incomplete"])),
                        fields=["due_at"],
                        name="transcription_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "working", "incomplete", "done", "failed"])),
                        name="transcription_state_known",
                    )
                ],
            },
        ),
    ]

"""Runs of earlier releases name their recording in their parameters: now in their columns."""

from django.db import migrations

FORWARD = """
UPDATE runs SET subject_type = 'calls.recording', subject_id = (parameters->>'recording')::uuid
WHERE kind = 'calls.transcription' AND subject_id IS NULL AND parameters ? 'recording'
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0014_words_of_states"), ("core", "0014_runs_know_their_subject")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]

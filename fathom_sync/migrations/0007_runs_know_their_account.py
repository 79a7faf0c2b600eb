"""Runs of earlier releases name their account in their parameters: now in their columns."""

from django.db import migrations

FORWARD = """
UPDATE runs SET subject_type = 'fathom_sync.fathomaccount', subject_id = (parameters->>'account')::uuid
WHERE kind IN ('fathom.sync', 'fathom.reconcile') AND subject_id IS NULL AND parameters ? 'account'
"""


class Migration(migrations.Migration):
    dependencies = [("fathom_sync", "0006_two_sides_of_the_ledger"), ("core", "0014_runs_know_their_subject")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]

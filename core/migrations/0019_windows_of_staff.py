"""Remember which maintenance windows staff planned: an owner's silences nobody of the staff.

Those that are there were planned by staff where they are over no organization, or where their maker is staff now.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import Q


def mark_those_of_staff(apps: Any, _schema_editor: Any) -> None:
    windows = apps.get_model("core", "MaintenanceWindow").objects.all()
    windows.filter(Q(organization_id=None) | Q(made_by__is_staff=True)).update(by_staff=True)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0018_incidents_attended"),
    ]

    operations = [
        migrations.AddField(
            model_name="maintenancewindow",
            name="by_staff",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunPython(mark_those_of_staff, migrations.RunPython.noop),
    ]

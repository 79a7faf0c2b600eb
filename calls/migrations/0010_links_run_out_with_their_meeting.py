"""When a guest's link runs out follows from its meeting; the copy beside it could be behind."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("calls", "0009_calls_that_may_go_on")]

    operations = [migrations.RemoveField(model_name="guestinvitation", name="expires_at")]

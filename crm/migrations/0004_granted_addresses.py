"""Domains and addresses that staff grant to organizations. What counts today goes on counting: nothing waits."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_same_organization"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="AddressGrant",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("value", models.CharField(max_length=254, verbose_name="domain or address")),
                ("granted_at", models.DateTimeField(auto_now_add=True)),
                (
                    "granted_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="address_grants",
                        to="crm.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "granted domain or address",
                "verbose_name_plural": "granted domains and addresses",
                "ordering": ["value"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "value"), name="an_organization_is_granted_a_value_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="repalias",
            name="is_waiting",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="Staff have not granted it.",
                verbose_name="waits for staff",
            ),
        ),
        migrations.AddIndex(
            model_name="repalias",
            index=models.Index(
                condition=models.Q(("is_waiting", True)), fields=["created_at"], name="addresses_that_wait"
            ),
        ),
    ]

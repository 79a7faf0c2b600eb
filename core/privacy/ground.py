"""What becomes of people in the tables of core, and of the packages that Koppel stands on."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from core.privacy import arrived, audited, memory
from core.privacy.places import Step, declare, declare_step, erased, kept, redacted

SIGNS_IN: Final = _(
    "Accounts of people who sign in. An address that signs in is not erased before its "
    "account is gone."
)
OUR_WORDS: Final = _("Settings of the house: what was entered to run Koppel, and names of things.")
NO_PERSON: Final = _("Keys and numbers that Koppel makes itself; no person is named there.")
AUDIT: Final = _(
    "Rows of the audit log stay. Values stand in them as keyed hashes; names are taken out, and "
    "the chain notes it."
)


def declare_all() -> None:
    """Declare them all; once, when the app starts."""
    declare(
        *kept(
            SIGNS_IN,
            "core.User",
            "account.EmailAddress",
            "account.EmailConfirmation",
            "mfa.Authenticator",
            "core.ApiSession",
            "core.NotificationChoice",
        ),
        *kept(
            OUR_WORDS,
            "core.AlertChannel",
            "core.SystemSetting",
            "core.VendorAccount",
            "core.VendorSecret",
            "core.StableKey",
            "auth.Group",
            "auth.Permission",
            "contenttypes.ContentType",
            "django_celery_beat.SolarSchedule",
            "django_celery_beat.IntervalSchedule",
            "django_celery_beat.CrontabSchedule",
            "django_celery_beat.PeriodicTask",
        ),
        *kept(NO_PERSON, "core.Watch", "core.ApiCallHour", "core.ApiKeyHour", "core.AuditHead"),
        *kept(AUDIT, "core.AuditEvent", organization="organization_id"),
        *redacted("admin.LogEntry", "core.AlertDelivery", "core.SeenNames"),
        *redacted(
            "core.Run",
            "core.Incident",
            "core.ApiCall",
            organization="organization_id",
        ),
        *redacted("core.InboundEvent", organization="organization_id", settles=arrived.settle),
        *redacted("core.MaintenanceWindow", organization="organization_id"),
        *redacted("core.IncidentNote", organization="incident__organization_id"),
        *redacted("core.SourceDay", organization="organization_id"),
        *erased(
            "axes.AccessFailureLog",
            "axes.AccessAttempt",
            "axes.AccessLog",
        ),
        *kept(
            _("Looked through row by row, as it is sealed."),
            "core.IdempotencyKey",
            "sessions.Session",
        ),
    )
    declare_step(Step("core.audit", 70, erase=audited.erase, left=audited.left))
    declare_step(Step("core.memory", 90, erase=memory.erase, left=memory.left))

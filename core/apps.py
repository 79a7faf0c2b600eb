"""Shared ground; knows no other app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Operations"

    def ready(self) -> None:
        from allauth.mfa.models import Authenticator
        from celery.signals import beat_init, worker_init, worker_process_shutdown
        from django.db.models.signals import post_migrate

        # Imported for the signals that they listen to.
        from core import (  # noqa: F401
            audit_chain,
            checks,
            deployment,
            heartbeats,
            partitions,
            roles,
            second_factor,
            session_audit,
            timetable,
        )
        from core.http import call_log
        from core.rotation import JsonKey, rotates

        post_migrate.connect(roles.keep, dispatch_uid="core.roles")
        post_migrate.connect(audit_chain.begin, sender=self, dispatch_uid="core.audit")
        post_migrate.connect(timetable.keep, sender=self, dispatch_uid="core.timetable")
        post_migrate.connect(partitions.keep_after_migrate, sender=self, dispatch_uid="core.partitions")
        # What allauth keeps of a second factor: the TOTP secret, the seed of the recovery codes.
        for key in ("secret", "seed"):
            rotates(JsonKey(Authenticator, "data", key, owner="user_id", place=second_factor.place))
        worker_init.connect(checks.refuse_to_work, dispatch_uid="core.checks")
        beat_init.connect(checks.refuse_to_work, dispatch_uid="core.checks")
        # A prefork worker ends without running atexit.
        worker_process_shutdown.connect(call_log.flush_at_end, dispatch_uid="core.call_log")

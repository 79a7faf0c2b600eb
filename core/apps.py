"""Shared ground; knows no other app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Operations"

    def ready(self) -> None:
        from allauth.mfa.models import Authenticator
        from celery.signals import beat_init, worker_init, worker_process_shutdown
        from django.db.models.signals import post_migrate

        from core import checks, deployment, runs  # noqa: F401

        # Imported for the signals that they listen to.
        from core.audit import chain, verifying
        from core.health import heartbeats  # noqa: F401
        from core.http import call_log
        from core.incidents import sources
        from core.outgoing import hours
        from core.postgres import partitions
        from core.privacy import ground
        from core.queue import timetable
        from core.secrets.rotation import JsonKey, rotates
        from core.signin import roles, second_factor, session_audit  # noqa: F401

        sources.declare("koppel", "Koppel", "alert_channel:", "personal_mail", "webhooks:")
        runs.declare(verifying.KIND)
        ground.declare_all()
        post_migrate.connect(roles.keep, dispatch_uid="core.roles")
        post_migrate.connect(chain.begin, sender=self, dispatch_uid="core.audit")
        post_migrate.connect(timetable.keep, sender=self, dispatch_uid="core.timetable")
        post_migrate.connect(
            partitions.keep_after_migrate, sender=self, dispatch_uid="core.partitions"
        )
        # What allauth keeps of a second factor: the TOTP secret, the seed of the recovery codes.
        for key in ("secret", "seed"):
            rotates(JsonKey(Authenticator, "data", key, owner="user_id", place=second_factor.place))
        call_log.written.connect(hours.on_written, dispatch_uid="core.call_hours")
        worker_init.connect(checks.refuse_to_work, dispatch_uid="core.checks")
        beat_init.connect(checks.refuse_to_work, dispatch_uid="core.checks")
        # A prefork worker ends without running atexit.
        worker_process_shutdown.connect(call_log.flush_at_end, dispatch_uid="core.call_log")

"""The Celery app, its queues and the default timetable.

`TIMETABLE` is only a default: `migrate` adds the rows that are missing to
django-celery-beat's tables, and from then on the admin owns them (an hour changed there
survives every restart and release).
"""

import os
from typing import Any

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu import Exchange, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("koppel")
# Also in threads: there Celery would else make an app of its own, with a broker that nobody runs.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# What may take minutes or hours, most of them spent waiting for a vendor, has a queue and a worker
# of its own: the others keep their slots for what has to happen now. A worker that is started
# without `--queues` works both.
QUEUE, LONG = "celery", "long"
app.conf.task_default_queue = QUEUE
app.conf.task_queues = [Queue(name, Exchange(name), routing_key=name) for name in (QUEUE, LONG)]
app.conf.task_routes = {"core.work_run": {"queue": LONG}, "bison.onboarding": {"queue": LONG}}
# A request's id goes with the tasks that it queued, into their log lines.
app.steps["worker"].add(DjangoStructLogInitStep)

# name -> task, seconds between runs, or a crontab as (minute, hour).
TIMETABLE: dict[str, dict[str, Any]] = {
    "Pick up stored webhook deliveries": {"task": "core.sweep_inbox", "every": 60},
    "Pick up runs without a worker": {"task": "core.sweep_runs", "every": 60},
    "Send waiting alerts": {"task": "core.send_alerts", "every": 60},
    "Tell what maintenance held back": {"task": "core.settle_maintenance", "every": 60},
    "Owe daily summaries": {"task": "core.owe_summaries", "every": 900},
    "Make and drop log partitions": {"task": "core.keep_partitions", "crontab": ("17", "*/6")},
    "Count calls by the hour": {"task": "core.roll_up_calls", "every": 300},
    "Send password mails left over": {"task": "core.sweep_password_resets", "every": 60},
    "Send invitations left over": {"task": "crm.sweep_invitations", "every": 300},
    "Look at addresses that wait or are shared": {"task": "crm.sweep_addresses", "every": 600},
    "Delete files about people after a day": {"task": "crm.forget_exports", "every": 900},
    "Go on with erasures that stopped": {"task": "crm.resume_erasures", "every": 900},
    "Keep appointments at their wall time": {"task": "crm.keep_wall_times", "crontab": ("5", "4")},
    "Read the words of calls that wait": {"task": "calls.index_waiting", "every": 60},
    "Ask LiveKit how calls are": {"task": "calls.reconcile", "every": 60},
    "Send mails about meetings": {"task": "calls.send_meeting_mails", "every": 60},
    "Write down what was said in calls": {"task": "calls.sweep_transcriptions", "every": 60},
    "Delete recordings past their time": {
        "task": "calls.expire_recordings",
        "crontab": ("25", "2"),
    },
    "Delete recordings whose calls are gone": {
        "task": "calls.delete_removed_recordings",
        "every": 900,
    },
    "Sync Fathom": {"task": "fathom_sync.sync_all", "every": 1800},
    "Hold Fathom's list against what is here": {
        "task": "fathom_sync.reconcile_all",
        "crontab": ("10", "4"),
    },
    "Look for workspaces at Email Bison": {"task": "bison.discover", "crontab": ("10", "2")},
    "Check the health of Email Bison": {"task": "bison.check_health", "every": 900},
    "Look at Email Bison's webhooks": {"task": "bison.check_webhooks", "every": 900},
    "Hold interested replies against what came in": {
        "task": "bison.check_replies",
        "crontab": ("25", "*"),
    },
    "Hold ten days of replies against what came in": {
        "task": "bison.check_all_replies",
        "crontab": ("35", "3"),
    },
    "Sync e-mail accounts of Email Bison": {
        "task": "bison.sync_email_accounts",
        "crontab": ("20", "*/6"),
    },
    "Sync the volume of Email Bison": {"task": "bison.sync_volume", "crontab": ("50", "*/6")},
    "Sync the pipeline of Email Bison": {"task": "bison.sync_pipeline", "crontab": ("35", "*")},
    "Sync the analytics of Email Bison": {"task": "bison.sync_analytics", "crontab": ("15", "1")},
    "Count the e-mail accounts at Email Bison": {
        "task": "bison.count_email_accounts",
        "crontab": ("40", "3"),
    },
    "Put suppressions into effect": {"task": "bison.apply_suppressions", "every": 300},
    "Read suppressions back": {"task": "bison.check_suppressions", "crontab": ("20", "1")},
    "Forecast when workspaces run dry": {"task": "bison.runway", "crontab": ("50", "4")},
    "Look at the checklists of new clients": {"task": "bison.onboarding", "every": 900},
    "Look at Email Bison's keys that run out": {
        "task": "bison.look_at_keys",
        "crontab": ("20", "6"),
    },
    "Check the health of integrations": {"task": "integrations.check_health", "every": 900},
    "Send events that wait": {"task": "integrations.deliver_events", "every": 60},
    "Forget events past their time": {"task": "integrations.forget_events", "crontab": ("50", "2")},
    "Keep the grants of integrations alive": {
        "task": "integrations.keep_grants",
        "crontab": ("55", "2"),
    },
    "Sync contacts of connected services": {"task": "integrations.sync_due_contacts", "every": 60},
    "Keep webhooks at Pipedrive": {"task": "integrations.keep_pipedrive_webhooks", "every": 900},
    "Keep webhooks at Chatwoot": {"task": "integrations.keep_chatwoot_webhooks", "every": 900},
    "Forget what has expired": {"task": "core.forget_expired", "crontab": ("42", "3")},
}

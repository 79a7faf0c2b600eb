"""The two tables that grow without end: partitioned by day, so that retention is a dropped table and not a DELETE.

Each has a default partition: a day whose partition is missing still takes its rows (core.partitions moves them later).
Their primary key is (id, time), as PostgreSQL asks of a partitioned table; Django is told `id`, which is unique anyway.
"""

from django.db import migrations

API_CALLS = """
CREATE TABLE api_call_logs (
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    vendor varchar(40) NOT NULL,
    account varchar(120) NOT NULL DEFAULT '',
    organization_id uuid,
    integration_id uuid,
    run_id uuid,
    workspace_name varchar(200) NOT NULL DEFAULT '',
    bison_instance varchar(60) NOT NULL DEFAULT '',
    endpoint varchar(500) NOT NULL,
    method varchar(8) NOT NULL,
    api_key_used varchar(16) NOT NULL DEFAULT '',
    api_key_type varchar(20) NOT NULL DEFAULT '',
    status_code integer,
    response_time_ms integer NOT NULL,
    success boolean NOT NULL,
    error_message text NOT NULL DEFAULT '',
    function_name varchar(80) NOT NULL DEFAULT '',
    triggered_by varchar(40) NOT NULL DEFAULT '',
    attempt smallint NOT NULL DEFAULT 1,
    request_id varchar(64) NOT NULL DEFAULT '',
    metadata jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE api_call_logs_default PARTITION OF api_call_logs DEFAULT;
CREATE INDEX api_call_logs_newest ON api_call_logs (created_at DESC, id DESC);
CREATE INDEX api_call_logs_workspace ON api_call_logs (workspace_name, created_at DESC, id DESC)
    WHERE workspace_name <> '';
CREATE INDEX api_call_logs_workspace_status ON api_call_logs (workspace_name, status_code, created_at DESC)
    WHERE workspace_name <> '';
CREATE INDEX api_call_logs_integration ON api_call_logs (integration_id, created_at DESC)
    WHERE integration_id IS NOT NULL;
CREATE INDEX api_call_logs_failed ON api_call_logs (created_at DESC) WHERE NOT success;
"""

EVENTS = """
CREATE TABLE webhook_events (
    id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    source varchar(40) NOT NULL,
    account varchar(120) NOT NULL DEFAULT '',
    organization_id uuid,
    workspace_name varchar(200) NOT NULL DEFAULT '',
    delivery_id varchar(200) NOT NULL,
    event_type varchar(120) NOT NULL DEFAULT '',
    event_data jsonb NOT NULL,
    event_signature varchar(500) NOT NULL DEFAULT '',
    processing_status varchar(12) NOT NULL DEFAULT 'pending'
        CHECK (processing_status IN ('pending', 'processed', 'failed', 'ignored')),
    processing_error text NOT NULL DEFAULT '',
    retry_count smallint NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    claimed_at timestamptz,
    processed_at timestamptz,
    source_ip inet,
    user_agent varchar(300) NOT NULL DEFAULT '',
    request_id varchar(64) NOT NULL DEFAULT '',
    metadata jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, received_at)
) PARTITION BY RANGE (received_at);
CREATE TABLE webhook_events_default PARTITION OF webhook_events DEFAULT;
CREATE INDEX webhook_events_newest ON webhook_events (received_at DESC, id DESC);
CREATE INDEX webhook_events_source ON webhook_events (source, received_at DESC);
CREATE INDEX webhook_events_workspace ON webhook_events (workspace_name, received_at DESC) WHERE workspace_name <> '';
CREATE INDEX webhook_events_waiting ON webhook_events (next_attempt_at) WHERE processing_status = 'pending';
CREATE INDEX webhook_events_failed ON webhook_events (received_at DESC) WHERE processing_status = 'failed';
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.RunSQL(API_CALLS, "DROP TABLE api_call_logs"),
        migrations.RunSQL(EVENTS, "DROP TABLE webhook_events"),
    ]

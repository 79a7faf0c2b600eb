"""The names that answers and tables of Email Bison have, as systems outside read them."""

KEY_COLUMNS = {
    "bison_api_key",
    "bison_api_key_name",
    "bison_api_key_type",
    "bison_api_key_scopes",
    "bison_api_key_created_at",
    "bison_api_key_expires_at",
    "bison_api_key_last_used_at",
    "bison_api_key_status",
    "requires_workspace_key",
}
WEBHOOK_COLUMNS = {
    "bison_webhook_url",
    "bison_webhook_secret",
    "bison_webhook_enabled",
    "bison_webhook_events",
    "bison_webhook_last_received_at",
    "bison_webhook_failure_count",
    "bison_webhook_status",
}
HEALTH_COLUMNS = {
    "api_last_successful_call_at",
    "api_last_failed_call_at",
    "api_consecutive_failures",
    "api_total_calls_today",
    "api_total_errors_today",
    "api_health_status",
    "api_notes",
}
REGISTRY = {"workspace_name", "bison_workspace_id"} | KEY_COLUMNS | WEBHOOK_COLUMNS | HEALTH_COLUMNS
CALLS = {
    "id",
    "workspace_name",
    "bison_instance",
    "endpoint",
    "method",
    "api_key_used",
    "api_key_type",
    "status_code",
    "response_time_ms",
    "success",
    "error_message",
    "function_name",
    "triggered_by",
    "created_at",
    "metadata",
}
EVENTS = {
    "id",
    "workspace_name",
    "event_type",
    "event_data",
    "event_signature",
    "received_at",
    "processed_at",
    "processing_status",
    "processing_error",
    "retry_count",
    "source_ip",
    "user_agent",
    "metadata",
}
CHECKLIST = {
    "workspace_name",
    "api_key_generated",
    "api_key_tested",
    "api_key_validated_at",
    "webhook_url_configured",
    "webhook_secret_generated",
    "webhook_tested",
    "webhook_validated_at",
    "initial_sync_completed",
    "initial_sync_completed_at",
    "onboarding_status",
    "onboarding_completed_at",
    "onboarding_notes",
    "created_at",
    "updated_at",
}
TABLES = {
    "client_registry": REGISTRY,
    "api_call_logs": CALLS,
    "webhook_events": EVENTS,
    "client_onboarding_checklist": CHECKLIST,
}
INSTANCE = {
    "id",
    "slug",
    "name",
    "base_url",
    "super_admin_key",
    "backup_key",
    "active_key",
    "rotation_due_at",
    "health_status",
}
VALIDATED = {"valid", "scopes", "workspace_access", "status_code", "message"}
WEBHOOK = {
    "bison_webhook_url",
    "bison_webhook_enabled",
    "bison_webhook_events",
    "bison_webhook_status",
    "drift",
}
LEDGER = {
    "deliveries_seen",
    "events_at_vendor",
    "interested_at_vendor",
    "interested_here",
    "missing",
    "healed",
    "checked_at",
}
RUNWAY = {
    "leads_left",
    "sends_per_day",
    "senders_connected",
    "senders_down",
    "dry_on",
    "tired_domains",
}

"""Addresses of the dashboard's own pages."""

from django.urls import URLPattern, URLResolver, path

from dashboard import invitations, views
from dashboard.accounts import views as accounts
from dashboard.calls import rep_acts
from dashboard.calls import views as calls
from dashboard.calls.urls import urlpatterns as calls_work
from dashboard.fathom import link_views as fathom_link
from dashboard.fathom import sync_views as fathom_sync
from dashboard.home.urls import urlpatterns as home
from dashboard.incidents.urls import urlpatterns as incidents
from dashboard.integrations.urls import urlpatterns as integrations
from dashboard.organizations import views as organizations
from dashboard.people.urls import urlpatterns as people
from dashboard.privacy.urls import urlpatterns as privacy
from dashboard.scheduling.urls import urlpatterns as scheduling
from dashboard.search.urls import urlpatterns as search
from dashboard.sources.urls import urlpatterns as sources
from dashboard.team.urls import urlpatterns as team
from dashboard.workspaces import acts, bulk, instance, suppressions
from dashboard.workspaces import views as workspaces

app_name = "dashboard"

urlpatterns: list[URLPattern | URLResolver] = [
    *home,
    path("runs", views.runs, name="runs"),
    path("runs/<uuid:run_id>", views.run, name="run"),
    path("runs/<uuid:run_id>/live", views.run_live, name="run_live"),
    path("runs/<uuid:run_id>/cancel", views.run_cancel, name="run_cancel"),
    *scheduling,
    path("calls", calls.library, name="calls"),
    path("calls/statistics", calls.statistics, name="call_statistics"),
    path("calls/statistics/export", calls.statistics_export, name="statistics_export"),
    path("calls/export", calls.export, name="call_export"),
    path("calls/reps", calls.rep_list, name="reps"),
    path("calls/reps/options", calls.rep_options, name="rep_options"),
    path("calls/reps/add", rep_acts.add, name="add_rep"),
    path("calls/reps/<uuid:rep_id>", calls.rep, name="rep"),
    path("calls/reps/<uuid:rep_id>/edit", rep_acts.edit, name="edit_rep"),
    path("calls/reps/<uuid:rep_id>/addresses", rep_acts.addresses, name="rep_addresses"),
    path("calls/reps/<uuid:rep_id>/archive", rep_acts.archive, name="archive_rep"),
    path("calls/<uuid:call_id>", calls.call, name="call"),
    path("calls/<uuid:call_id>/transcript", calls.transcript, name="call_transcript"),
    path("calls/<uuid:call_id>/write-again", calls.write_again, name="call_write_again"),
    path(
        "calls/<uuid:call_id>/recordings/<uuid:recording_id>",
        calls.recording,
        name="call_recording",
    ),
    *calls_work,
    path("settings/calls", calls.settings, name="call_settings"),
    path("settings/fathom", fathom_link.page, name="fathom_link"),
    path("settings/fathom/test", fathom_link.test, name="fathom_link_test"),
    path("settings/fathom/remove", fathom_link.remove, name="fathom_link_remove"),
    path("settings/fathom/waiting", fathom_link.waiting, name="fathom_link_waiting"),
    path("settings/fathom/webhook", fathom_link.webhook, name="fathom_link_webhook"),
    path("settings/fathom/sync", fathom_sync.page, name="fathom_sync"),
    path("settings/fathom/sync/live", fathom_sync.live, name="fathom_sync_live"),
    path("calls/reps/<uuid:rep_id>/refresh", fathom_sync.refresh, name="rep_refresh"),
    path("calls/reps/<uuid:rep_id>/refreshed", fathom_sync.refreshed, name="rep_refreshed"),
    path("settings/accounts/<slug:vendor>", accounts.page, name="account"),
    path("settings/accounts/<slug:vendor>/live", accounts.live, name="account_live"),
    path("settings/accounts/<slug:vendor>/test", accounts.test, name="account_test"),
    path("settings/accounts/<slug:vendor>/waiting", accounts.waiting, name="account_waiting"),
    path("settings/accounts/<slug:vendor>/remove", accounts.remove, name="account_remove"),
    path("settings/accounts/<slug:vendor>/fetch", accounts.fetch, name="account_fetch"),
    path("client-management/api-webhooks", workspaces.keys_tab, name="workspaces"),
    path(
        "client-management/api-webhooks/webhooks",
        workspaces.webhooks_tab,
        name="workspace_webhooks",
    ),
    path("client-management/api-webhooks/runway", workspaces.runway_tab, name="runway"),
    path("client-management/api-webhooks/suppressions", suppressions.page, name="suppressions"),
    path(
        "client-management/api-webhooks/suppressions/check",
        suppressions.check,
        name="check_suppressions",
    ),
    path(
        "client-management/api-webhooks/suppressions/<uuid:suppression_id>/lift",
        suppressions.lift,
        name="lift_suppression",
    ),
    path("client-management/api-webhooks/calls", workspaces.calls_tab, name="workspace_calls"),
    path(
        "client-management/api-webhooks/calls/export",
        workspaces.calls_export,
        name="workspace_calls_export",
    ),
    path(
        "client-management/api-webhooks/calls/<uuid:call_id>",
        workspaces.call,
        name="workspace_call",
    ),
    path("client-management/api-webhooks/events", workspaces.events_tab, name="workspace_events"),
    path(
        "client-management/api-webhooks/events/<uuid:event_id>",
        workspaces.event,
        name="workspace_event",
    ),
    path(
        "client-management/api-webhooks/events/<uuid:event_id>/replay",
        workspaces.replay,
        name="workspace_replay",
    ),
    path("client-management/api-webhooks/health", workspaces.health_tab, name="workspace_health"),
    path("client-management/workspaces/<uuid:workspace_id>/test", acts.test, name="workspace_test"),
    path(
        "client-management/workspaces/<uuid:workspace_id>/key", acts.enter_key, name="workspace_key"
    ),
    path(
        "client-management/workspaces/<uuid:workspace_id>/key/next",
        acts.decide_on_next,
        name="workspace_next_key",
    ),
    path(
        "client-management/workspaces/<uuid:workspace_id>/key/make",
        acts.generate_key,
        name="workspace_make_key",
    ),
    path(
        "client-management/workspaces/<uuid:workspace_id>/key/revoke",
        acts.revoke_key,
        name="workspace_revoke_key",
    ),
    path(
        "client-management/workspaces/<uuid:workspace_id>/webhook",
        acts.set_webhook,
        name="workspace_webhook",
    ),
    path(
        "client-management/workspaces/<uuid:workspace_id>/webhook/act",
        acts.act_on_webhook,
        name="workspace_act",
    ),
    path("client-management/workspaces/<uuid:workspace_id>/sync", acts.sync, name="workspace_sync"),
    path(
        "client-management/workspaces/<uuid:workspace_id>/change",
        acts.change,
        name="workspace_change",
    ),
    path("client-management/api-webhooks/import", bulk.import_page, name="import_keys"),
    path("client-management/api-webhooks/export", bulk.export, name="workspaces_export"),
    path(
        "client-management/instances/<slug:slug>/make-keys",
        bulk.make_keys,
        name="instance_make_keys",
    ),
    path(
        "client-management/instances/<slug:slug>/discover", bulk.discover, name="instance_discover"
    ),
    path(
        "client-management/workspaces/<uuid:workspace_id>/key/leaked",
        acts.replace_leaked,
        name="workspace_leaked",
    ),
    path(
        "client-management/workspaces/<uuid:workspace_id>/usage",
        workspaces.usage,
        name="workspace_usage",
    ),
    path("client-management/instances", instance.add, name="add_instance"),
    path("client-management/instances/<slug:slug>", instance.page, name="instance"),
    path("client-management/instances/<slug:slug>/test", instance.test, name="instance_test"),
    path(
        "client-management/instances/<slug:slug>/waiting", instance.waiting, name="instance_waiting"
    ),
    path("client-management/instances/<slug:slug>/remove", instance.remove, name="instance_remove"),
    path(
        "client-management/instances/<slug:slug>/use-key", instance.use_key, name="instance_use_key"
    ),
    path(
        "client-management/workspaces/<uuid:workspace_id>", workspaces.workspace, name="workspace"
    ),
    *incidents,
    *integrations,
    *search,
    path("organizations", organizations.choose, name="organizations"),
    *people,
    *privacy,
    *sources,
    *team,
    path("settings/faq", fathom_link.faq, name="faq"),
    path("settings/profile", views.profile, name="profile"),
    path("preferences/theme", views.set_theme, name="set_theme"),
    path("preferences/language", views.set_language, name="set_language"),
    path("preferences/density", views.set_density, name="set_density"),
    path("preferences/organization", views.switch_organization, name="switch_organization"),
    # "key" keeps the token out of the logs (core.health.logs).
    path("invitations/key/<str:token>", invitations.invitation, name="invitation"),
    path("styleguide", views.styleguide, name="styleguide"),
    path("styleguide/drawer", views.styleguide_drawer, name="styleguide_drawer"),
    path("styleguide/people", views.styleguide_people, name="styleguide_people"),
]

"""Addresses of the pages of integrations."""

from django.urls import URLPattern, URLResolver, path

from dashboard.integrations import acts, signing, views
from dashboard.integrations.contacts import views as contacts
from dashboard.integrations.events import views as events
from dashboard.integrations.helpdesk import agents, demos, preview

ALL = "dashboard/integrations"
ONE = f"{ALL}/<uuid:integration_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(ALL, views.index, name="integrations"),
    path(f"{ALL}/analytics", views.analytics, name="integration_analytics"),
    path(f"{ALL}/new", views.add, name="integration_new"),
    path(f"{ALL}/new/test", views.try_new, name="integration_try_new"),
    path(f"{ALL}/new/sign-in", signing.sign_in, name="integration_sign_in"),
    path(f"{ALL}/steps/<uuid:number>", views.steps_of, name="integration_steps"),
    path(f"{ALL}/helpdesk", agents.page, name="helpdesk"),
    path(f"{ALL}/helpdesk/assign", agents.assign, name="helpdesk_assign"),
    path(f"{ALL}/demos", demos.page, name="demos"),
    path(f"{ALL}/demos/<uuid:demo_id>/widget", demos.widget, name="widget"),
    path(f"{ALL}/demos/<uuid:demo_id>/preview", preview.page, name="widget_preview"),
    path(f"{ALL}/demos/<uuid:demo_id>/delete", demos.delete, name="demo_delete"),
    path(ONE, views.integration, name="integration"),
    path(f"{ONE}/logs", views.logs_tab, name="integration_logs"),
    path(f"{ONE}/history", views.history_tab, name="integration_history"),
    path(f"{ONE}/contacts", contacts.page, name="integration_contacts"),
    path(f"{ONE}/contacts/live", contacts.live, name="integration_contacts_live"),
    path(f"{ONE}/contacts/sync", contacts.sync, name="integration_sync"),
    path(
        f"{ONE}/contacts/conflicts/<uuid:conflict_id>",
        contacts.resolve,
        name="integration_conflict",
    ),
    path(f"{ONE}/contacts/<uuid:link_id>", contacts.contact, name="integration_contact"),
    path(f"{ONE}/deliveries", events.page, name="integration_deliveries"),
    path(f"{ONE}/deliveries/sample", events.sample, name="integration_sample"),
    path(f"{ONE}/deliveries/replay", events.replay, name="integration_replay"),
    path(f"{ONE}/deliveries/recover", events.recover, name="integration_recover"),
    path(f"{ONE}/deliveries/<uuid:delivery_id>", events.delivery, name="integration_delivery"),
    path(f"{ONE}/secret", events.rotate, name="integration_rotate"),
    path(f"{ONE}/try", views.try_entered, name="integration_try"),
    path(f"{ONE}/test", acts.check, name="integration_test"),
    path(f"{ONE}/waiting", acts.decide, name="integration_waiting"),
    path(f"{ONE}/switch", acts.switch, name="integration_switch"),
    path(f"{ONE}/settings", acts.settle, name="integration_settings"),
    path(f"{ONE}/transfer", acts.transfer, name="integration_transfer"),
    path(f"{ONE}/reconnect", signing.reconnect, name="integration_reconnect"),
    path(f"{ONE}/disconnect", signing.disconnect, name="integration_disconnect"),
    path(f"{ONE}/delete", acts.delete, name="integration_delete"),
]

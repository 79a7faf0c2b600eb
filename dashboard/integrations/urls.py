"""Addresses of the pages of integrations."""

from django.urls import URLPattern, URLResolver, path

from dashboard.integrations import acts, signing, views
from dashboard.integrations.contacts import views as contacts

ALL = "dashboard/integrations"
ONE = f"{ALL}/<uuid:integration_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(ALL, views.index, name="integrations"),
    path(f"{ALL}/new", views.add, name="integration_new"),
    path(f"{ALL}/new/test", views.try_new, name="integration_try_new"),
    path(f"{ALL}/new/sign-in", signing.sign_in, name="integration_sign_in"),
    path(f"{ALL}/steps/<uuid:number>", views.steps_of, name="integration_steps"),
    path(ONE, views.integration, name="integration"),
    path(f"{ONE}/logs", views.logs_tab, name="integration_logs"),
    path(f"{ONE}/history", views.history_tab, name="integration_history"),
    path(f"{ONE}/contacts", contacts.page, name="integration_contacts"),
    path(f"{ONE}/contacts/live", contacts.live, name="integration_contacts_live"),
    path(f"{ONE}/contacts/sync", contacts.sync, name="integration_sync"),
    path(f"{ONE}/contacts/conflicts/<uuid:conflict_id>", contacts.resolve, name="integration_conflict"),
    path(f"{ONE}/contacts/<uuid:link_id>", contacts.contact, name="integration_contact"),
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

"""Addresses of leads and contacts."""

from django.urls import URLPattern, URLResolver, path

from dashboard.people import views

LEAD = "people/leads/<uuid:lead_id>"
CONTACT = "people/contacts/<uuid:contact_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("people", views.leads, name="people"),
    path("people/export", views.export_leads, name="people_export"),
    path("people/bulk", views.bulk, name="people_bulk"),
    path("people/leads/new", views.add_lead, name="add_lead"),
    path(LEAD, views.lead, name="person"),
    path(f"{LEAD}/edit", views.edit_lead, name="edit_lead"),
    path(f"{LEAD}/brief", views.brief_of, name="lead_brief"),
    path(f"{LEAD}/merge/<uuid:other_id>", views.merge_leads, name="merge_leads"),
    path(f"{LEAD}/merges/<uuid:merge_id>/undo", views.undo_lead_merge, name="undo_lead_merge"),
    path("people/contacts", views.contacts, name="people_contacts"),
    path("people/contacts/export", views.export_contacts, name="people_contacts_export"),
    path("people/contacts/new", views.add_contact, name="add_contact"),
    path(CONTACT, views.contact, name="contact"),
    path(f"{CONTACT}/edit", views.edit_contact, name="edit_contact"),
    path(f"{CONTACT}/merge/<uuid:other_id>", views.merge_contacts, name="merge_contacts"),
    path(
        f"{CONTACT}/merges/<uuid:merge_id>/undo",
        views.undo_contact_merge,
        name="undo_contact_merge",
    ),
]

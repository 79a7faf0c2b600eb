"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from crm.views import audit, crm, incidents, me, meetings, organization, privacy, prospects

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/me", me.MeView.as_view(), name="api_me"),
    path("api/runs", me.RunListView.as_view(), name="api_runs"),
    path("api/runs/<uuid:run_id>", me.RunView.as_view(), name="api_run"),
    path("api/audit/verification", audit.VerificationView.as_view(), name="api_audit_verification"),
    path("api/runs/<uuid:run_id>/cancel", me.RunCancelView.as_view(), name="api_run_cancel"),
    path("api/me/notifications", incidents.NotificationsView.as_view(), name="api_notifications"),
    path("api/incidents", incidents.IncidentListView.as_view(), name="api_incidents"),
    path("api/incidents/<uuid:incident_id>", incidents.IncidentView.as_view(), name="api_incident"),
    path(
        "api/incidents/<uuid:incident_id>/acknowledge",
        incidents.IncidentAcknowledgeView.as_view(),
        name="api_incident_acknowledge",
    ),
    path(
        "api/incidents/<uuid:incident_id>/snooze",
        incidents.IncidentSnoozeView.as_view(),
        name="api_incident_snooze",
    ),
    path("api/maintenance", incidents.MaintenanceListView.as_view(), name="api_maintenance"),
    path(
        "api/maintenance/sources",
        incidents.MaintenanceSourcesView.as_view(),
        name="api_maintenance_sources",
    ),
    path(
        "api/maintenance/<uuid:window_id>",
        incidents.MaintenanceView.as_view(),
        name="api_maintenance_window",
    ),
    path("api/organization", organization.OrganizationView.as_view(), name="api_organization"),
    path("api/organization/members", organization.MemberListView.as_view(), name="api_members"),
    path(
        "api/organization/members/<uuid:member_id>",
        organization.MemberView.as_view(),
        name="api_member",
    ),
    path(
        "api/organization/members/<uuid:member_id>/leaving",
        organization.LeavingView.as_view(),
        name="api_member_leaving",
    ),
    path(
        "api/organization/invitations",
        organization.InvitationListView.as_view(),
        name="api_invitations",
    ),
    path(
        "api/organization/invitations/<uuid:invitation_id>",
        organization.InvitationView.as_view(),
        name="api_invitation",
    ),
    path(
        "api/organization/invitations/<uuid:invitation_id>/send-again",
        organization.SendAgainView.as_view(),
        name="api_invitation_again",
    ),
    path("api/crm/reps", crm.RepListView.as_view(), name="api_reps"),
    path("api/crm/reps/<uuid:record_id>", crm.RepView.as_view(), name="api_rep"),
    path("api/crm/teams", crm.TeamListView.as_view(), name="api_teams"),
    path("api/crm/teams/<uuid:record_id>", crm.TeamView.as_view(), name="api_team"),
    path("api/crm/leads", crm.LeadListView.as_view(), name="api_leads"),
    path("api/crm/leads/<uuid:record_id>", crm.LeadView.as_view(), name="api_lead"),
    path(
        "api/crm/leads/<uuid:record_id>/timeline",
        prospects.TimelineView.as_view(),
        name="api_lead_timeline",
    ),
    path(
        "api/crm/leads/<uuid:record_id>/brief", prospects.BriefView.as_view(), name="api_lead_brief"
    ),
    path(
        "api/crm/leads/<uuid:record_id>/duplicates",
        prospects.LeadDuplicatesView.as_view(),
        name="api_lead_twins",
    ),
    path(
        "api/crm/leads/<uuid:record_id>/merge",
        prospects.LeadMergeView.as_view(),
        name="api_lead_merge",
    ),
    path(
        "api/crm/leads/<uuid:record_id>/merges/<uuid:merge_id>/undo",
        prospects.LeadUndoView.as_view(),
        name="api_lead_undo",
    ),
    path("api/crm/contacts", crm.ContactListView.as_view(), name="api_contacts"),
    path("api/crm/contacts/<uuid:record_id>", crm.ContactView.as_view(), name="api_contact"),
    path(
        "api/crm/contacts/<uuid:record_id>/duplicates",
        prospects.ContactDuplicatesView.as_view(),
        name="api_contact_twins",
    ),
    path(
        "api/crm/contacts/<uuid:record_id>/merge",
        prospects.ContactMergeView.as_view(),
        name="api_contact_merge",
    ),
    path(
        "api/crm/contacts/<uuid:record_id>/merges/<uuid:merge_id>/undo",
        prospects.ContactUndoView.as_view(),
        name="api_contact_undo",
    ),
    path("api/crm/appointments", crm.AppointmentListView.as_view(), name="api_appointments"),
    path(
        "api/crm/appointments/<uuid:record_id>",
        crm.AppointmentView.as_view(),
        name="api_appointment",
    ),
    path(
        "api/crm/appointments/<uuid:record_id>/history",
        meetings.AppointmentHistoryView.as_view(),
        name="api_appointment_history",
    ),
    path("api/crm/availability", meetings.AvailabilityView.as_view(), name="api_availability"),
    path("api/people/erasures", privacy.ErasureListView.as_view(), name="api_erasures"),
    path(
        "api/people/erasures/<uuid:erasure_id>", privacy.ErasureView.as_view(), name="api_erasure"
    ),
    path("api/people/exports", privacy.ExportListView.as_view(), name="api_person_exports"),
    path(
        "api/people/exports/<uuid:export_id>",
        privacy.ExportView.as_view(),
        name="api_person_export",
    ),
    path(
        "api/people/exports/<uuid:export_id>/file",
        privacy.ExportFileView.as_view(),
        name="api_person_export_file",
    ),
]

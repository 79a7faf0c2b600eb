"""Addresses of the pages of a team and of an organization."""

from django.urls import URLPattern, URLResolver, path

from dashboard.team import logos, teams, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/team", views.index, name="team"),
    path("settings/team/invite", views.invite, name="team_invite"),
    path(
        "settings/team/invitations/<uuid:invitation_id>", views.invitation, name="team_invitation"
    ),
    path("settings/team/members/<uuid:member_id>", views.member, name="team_member"),
    path("settings/team/members/<uuid:member_id>/leaving", views.leaving, name="team_leaving"),
    path("settings/team/teams/new", teams.add, name="team_new"),
    path("settings/team/teams/<uuid:team_id>", teams.team, name="team_of_reps"),
    path("settings/team/teams/<uuid:team_id>/delete", teams.delete, name="delete_team"),
    path("settings/organization", views.organization, name="organization_settings"),
    path("settings/organization/logo", logos.change, name="organization_logo"),
    path("settings/organization/logo/remove", logos.remove, name="remove_organization_logo"),
    path("logos/<str:digest>", logos.logo, name="logo"),
]

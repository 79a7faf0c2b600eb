"""People and their work."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "People and their work"

    def ready(self) -> None:
        from django.db.models import OuterRef, Subquery

        from core import audit, runs
        from core.alerts import audience
        from core.inbox import working
        from core.incidents import sources, subjects
        from core.words import names
        from crm.models import Organization
        from crm.privacy import erasing, exporting, places, returning
        from crm.services import incidents

        names.declare(
            lambda column: Subquery(
                Organization.objects.filter(pk=OuterRef(column)).order_by().values("name")[:1]
            )
        )
        audience.declare(incidents.CIRCLE)
        runs.declare(erasing.KIND)
        runs.declare(exporting.KIND)
        places.declare_all()
        working.ended.connect(returning.empty_delivery, dispatch_uid="crm.erased")
        sources.declare("people", self.verbose_name, "crm.")
        for kind in incidents.KINDS:
            subjects.declare(kind)
        audit.ACTIONS.update(
            {
                "address.changed": _("The addresses of a rep were changed"),
                "address.granted": _("A domain or an address was granted to an organization"),
                "address.grant_withdrawn": _("A granted domain or address was taken back"),
                "appointment.booked": _("A meeting was booked"),
                "appointment.cancelled": _("A meeting was cancelled"),
                "appointment.changed": _("A meeting was changed"),
                "appointment.completed": _("A meeting was marked as held"),
                "appointment.moved": _("A meeting was moved"),
                "appointment.no_show": _("A meeting was marked as a no-show"),
                "appointment.outcome_set": _("The outcome of a meeting was set"),
                "appointment.reassigned": _("A meeting got another closer"),
                "appointment.reopened": _("A meeting stands again"),
                "erasure.asked": _("The erasure of a person was asked for"),
                "erasure.finished": _("A person was erased"),
                "erasure.allowed": _("An address that was erased may be brought in again"),
                "erasure.lifted": _("Somebody who was erased was entered again by hand"),
                "import.made": _("Data was imported"),
                "invitation.accepted": _("An invitation was accepted"),
                "invitation.made": _("Somebody was invited to an organization"),
                "invitation.sent_again": _("An invitation was sent again"),
                "invitation.revoked": _("An invitation was withdrawn"),
                "organization.removed": _("An organization was deleted"),
                "rep.archived": _("A rep was archived"),
                "rep.restored": _("A rep was brought back"),
                "team.changed": _("A team was added, renamed or deleted"),
                "person.changed": _("A lead or a contact was changed"),
                "person.export_asked": _("All that is known of a person was asked for as a file"),
                "person.export_read": _("All that is known of a person was downloaded"),
                "person.merge_undone": _("Merge undone"),
                "person.merged": _("Two leads or contacts became one"),
            }
        )

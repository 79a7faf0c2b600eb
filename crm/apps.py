"""People and their work."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "People and their work"

    def ready(self) -> None:
        from django.db.models import OuterRef, Subquery

        from core import audit
        from core.words import names
        from crm.models import Organization

        names.declare(
            lambda column: Subquery(Organization.objects.filter(pk=OuterRef(column)).order_by().values("name")[:1])
        )
        audit.ACTIONS.update(
            {
                "address.changed": _("The addresses of a rep were changed"),
                "address.granted": _("A domain or an address was granted to an organization"),
                "address.grant_withdrawn": _("A granted domain or address was taken back"),
                "import.made": _("Data was imported"),
                "invitation.accepted": _("An invitation was accepted"),
                "invitation.made": _("Somebody was invited to an organization"),
                "invitation.revoked": _("An invitation was withdrawn"),
                "organization.removed": _("An organization was deleted"),
                "person.changed": _("A lead or a contact was changed"),
                "person.merge_undone": _("Two people who were merged were taken apart again"),
                "person.merged": _("Two leads or contacts became one"),
            }
        )

"""An id that names another row: one that the person sees, in the organization that is spoken of."""

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from core.api.fields import Id
from crm import access


class Related(Id):
    """`teamId = Related(Team, source="team")`: the id goes out without a query,
    the row comes in.
    """

    default_error_messages = {"does_not_exist": _("There is no such thing in this organization.")}  # noqa: RUF012

    def __init__(self, model: type[Model], **options: Any) -> None:
        self.model = model
        super().__init__(**options)

    def get_attribute(self, instance: Any) -> UUID | None:
        found: UUID | None = getattr(instance, f"{self.source}_id")
        return found

    def to_internal_value(self, data: Any) -> Any:
        wanted = super().to_internal_value(data)
        visible = access.visible(
            self.model, self.context["request"].user, self.context["organization"].pk
        )
        row = visible.filter(pk=wanted).first()
        if row is None:
            self.fail("does_not_exist")
        return row

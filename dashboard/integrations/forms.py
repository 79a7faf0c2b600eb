"""The form of a connection as the pages show it."""

from dataclasses import dataclass
from typing import Any

from django.forms import BoundField

from core.vendors import Field
from dashboard.forms import KeyInput, SwitchInput
from integrations import forms


@dataclass(frozen=True)
class Box:
    """One field of a connection's form, and which choice it belongs to."""

    bound: BoundField
    field: Field

    @property
    def depends_on(self) -> str:
        """The id of the field that decides whether this one is shown; '' where none does."""
        name, equals, _values = self.field.shown_if.partition("=")
        if not equals:
            return ""
        return str(self.bound.form[name].id_for_label)

    @property
    def depends_values(self) -> str:
        return self.field.shown_if.partition("=")[2]

    @property
    def is_optional(self) -> bool:
        """Whether it is marked as one that may stay empty; a switch is never."""
        return not self.field.required and self.field.kind != "checkbox"


class ConnectionForm(forms.ConnectionForm):
    """Keys with show and hide, switches in the place of check boxes, and which field belongs
    to which choice.
    """

    @property
    def boxes(self) -> list[Box]:
        return [Box(self[field.name], field) for field in self.provider.vendor.boxes]

    def widget(self, kind: str, attributes: dict[str, Any]) -> Any:
        if kind == "password":
            return KeyInput(attributes)
        if kind == "checkbox":
            return SwitchInput(attributes)
        return super().widget(kind, attributes)

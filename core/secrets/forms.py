"""The form side of a secret, write-only: blank or a mask keeps what is stored, a tick removes it,
all else is new.
"""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from core.masking import BULLETS, Secret, is_mask


class _Choice:
    """An answer of the form that is not a value."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


KEEP: Final = _Choice("KEEP")
REMOVE: Final = _Choice("REMOVE")
_BOTH: Final = _Choice("BOTH")


class SecretInput(forms.PasswordInput):
    """A password box that is always empty: stored secrets show as bullets behind it,
    typed ones never come back.
    """

    template_name = "core/secret_input.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"autocomplete": "new-password", "spellcheck": "false", **(attrs or {})},
            render_value=False,
        )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        stored = isinstance(value, Secret)
        context["widget"]["remove_name"] = None
        if stored and not self.is_required:
            context["widget"]["remove_name"] = self._remove(name)
        if stored:
            context["widget"]["attrs"].setdefault("placeholder", BULLETS)
        return context

    def use_required_attribute(self, initial: Any) -> bool:
        # A browser must not ask for what is stored already.
        return super().use_required_attribute(initial) and not initial

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = super().value_from_datadict(data, files, name)
        if not self.is_required and forms.CheckboxInput().value_from_datadict(
            data, files, self._remove(name)
        ):
            if typed:
                return _BOTH
            return REMOVE
        return typed

    @staticmethod
    def _remove(name: str) -> str:
        return f"{name}-remove"


class _BoundSecret(BoundField):
    """Tells its field whether something is stored, which is all that a form may know of it."""

    def __init__(self, form: forms.BaseForm, field: "SecretFormField", name: str) -> None:
        super().__init__(form, field, name)
        field.is_stored = bool(self.initial)


class SecretFormField(forms.CharField):
    """Gives KEEP, REMOVE or a Secret."""

    widget = SecretInput
    is_stored = False
    default_error_messages = {  # noqa: RUF012  Django's own way
        "contradiction": _("Either enter a new value or tick “Remove”, not both."),
    }

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        return _BoundSecret(form, self, field_name)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial

    def clean(self, value: Any) -> Any:
        if value is _BOTH:
            raise ValidationError(self.error_messages["contradiction"], code="contradiction")
        if value is REMOVE:
            return REMOVE
        if self.is_stored and _left_alone(value):
            return KEEP
        cleaned = super().clean("" if _left_alone(value) else value)
        if cleaned:
            return Secret(cleaned)
        return KEEP

    def has_changed(self, initial: Any, data: Any) -> bool:
        return isinstance(data, _Choice) or not _left_alone(data)


def _left_alone(sent: str | None) -> bool:
    if not sent or not sent.strip():
        return True
    return is_mask(sent)

"""Model fields whose column holds ciphertext, bound to its table, row and field.

Reading gives a `Secret` that is opened only by `.reveal()`; assigning takes a str, a Secret or
None. What a row holds once it was loaded or saved is ciphertext alone, so it may be pickled and
cached. Copied to another row (a new primary key), a value is opened where it was and sealed where
it goes. Lookups other than `isnull` and `update()` with a value are refused: the first cannot work,
the second would not know the row that it binds to.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.core import checks
from django.core.exceptions import FieldError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.masking import BULLETS, Secret
from core.secrets.crypto import CannotOpen, Place, is_newest, open_sealed, reseal, seal
from core.secrets.forms import KEEP, REMOVE, SecretFormField, SecretInput

if TYPE_CHECKING:
    _TextField = models.TextField[Any, Any]
else:  # Django's fields take no type arguments at run time
    _TextField = models.TextField


class SealedValue(Secret):
    """A Secret still in ciphertext; opened at each reveal() and never kept open."""

    __slots__ = ("place", "sealed")

    def __init__(self, sealed: str, place: Place) -> None:
        super().__init__("")
        self.sealed = sealed
        self.place = place

    def reveal(self) -> str:
        return open_sealed(self.sealed, self.place)

    def at(self, place: Place) -> Self:
        """Return the same value for `place`, under the newest key."""
        if place != self.place:
            return type(self)(reseal(self.sealed, self.place, place), place)
        if is_newest(self.sealed, place):
            return self
        try:
            return type(self)(reseal(self.sealed, place), place)
        except CannotOpen:
            # Saving another column of the row must not fail for it, nor change it:
            # rotation names it.
            return self

    def __bool__(self) -> bool:
        return not self.sealed.endswith(":")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.sealed, tuple.__new__(Place, self.place))


class Ciphertext:
    """A column's content as it is, not yet tied to its row: what `values()` gives."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return BULLETS

    def __repr__(self) -> str:
        return "Ciphertext()"


class _Attribute:
    """What `row.field` is: a Secret or None."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        name = self.field.attname
        if name not in row.__dict__:
            row.refresh_from_db(fields=[name])
        value = row.__dict__[name]
        if isinstance(value, Ciphertext):
            value = row.__dict__[name] = SealedValue(value.text, self.field.place(row))
        return value

    def __set__(self, row: models.Model, value: Any) -> None:
        if isinstance(value, Ciphertext) and row.__dict__.get(row._meta.pk.attname) is not None:
            # Bound now, while the primary key is still the one that it was loaded with.
            value = SealedValue(value.text, self.field.place(row))
        elif not (value is None or isinstance(value, Secret | Ciphertext | str)):
            raise TypeError(
                f"{self.field.name} takes a str or a Secret, not {type(value).__name__}"
            )
        if isinstance(value, str):
            value = Secret(value)
        row.__dict__[self.field.attname] = value


class EncryptedTextField(_TextField):
    """Text of any length, sealed."""

    description = _("Encrypted text")
    ENCRYPTED: ClassVar = True

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Attribute(self))

    def place(self, row: models.Model) -> Place:
        return Place(self.model._meta.db_table, str(row.pk), self.column or "")

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        messages = super().check(**kwargs)
        if isinstance(self.model._meta.pk, models.AutoField):
            hint = "Give the model a UUID primary key."
            text = (
                "An encrypted field is bound to its row's primary key, which must be known before "
                "the row is stored."
            )
            messages.append(checks.Error(text, hint=hint, obj=self, id="koppel.E010"))
        if self.unique or getattr(self, "db_index", False):
            messages.append(
                checks.Error("An encrypted field cannot be indexed.", obj=self, id="koppel.E011")
            )
        return messages

    # --- between row and column ---

    def from_db_value(self, value: str | None, *_args: Any) -> Ciphertext | None:
        if value is None:
            return None
        return Ciphertext(value)

    def pre_save(self, row: models.Model, add: bool) -> Any:
        value = getattr(row, self.attname)
        if value is None:
            return None
        place = self.place(row)
        sealed = (
            value.at(place)
            if isinstance(value, SealedValue)
            else SealedValue(seal(value.reveal(), place), place)
        )
        row.__dict__[self.attname] = sealed
        return Ciphertext(sealed.sealed)

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, Ciphertext):
            return value.text
        raise FieldError(
            f"{self.name} is encrypted: it is written by save(), not by update(), and "
            "cannot be looked up"
        )

    def get_lookup(self, lookup_name: str) -> Any:
        # `exact` stays for None alone (get_prep_value refuses the rest);
        # LIKE would silently search the ciphertext.
        if lookup_name not in {"exact", "isnull"}:
            raise FieldError(f"{self.name} is encrypted and cannot be looked up by {lookup_name}")
        return super().get_lookup(lookup_name)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is encrypted and is not serialised")

    # --- between row and form ---

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        if isinstance(value, SealedValue):
            return value  # as stored: it was checked when it was written
        text = value
        if isinstance(value, Secret):
            text = value.reveal()
        cleaned = super().clean(text, model_instance)
        if cleaned is None:
            return None
        return Secret(cleaned)

    def formfield(self, **kwargs: Any) -> Any:
        widget = kwargs.pop("widget", SecretInput)
        # The admin hands in a text area for every text field:
        # only a widget that never shows the value will do.
        given = widget
        if not isinstance(widget, type):
            given = type(widget)
        if not issubclass(given, SecretInput):
            widget = SecretInput
        kwargs["widget"] = widget
        defaults = {
            "form_class": SecretFormField,
            "max_length": self.max_length,
            "validators": self.validators,
        }
        return super(models.TextField, self).formfield(**{**defaults, **kwargs})

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        if data is KEEP:
            return
        if data is REMOVE:
            data = None
            if not self.null:
                data = ""
        setattr(instance, self.name, data)


class EncryptedCharField(EncryptedTextField):
    """One line, sealed. `max_length` counts the clear text;
    the column is text, as ciphertext is longer.
    """

    description = _("Encrypted text (up to %(max_length)s)")

    def __init__(
        self, verbose_name: Any = None, name: str | None = None, *, max_length: int, **kwargs: Any
    ) -> None:
        super().__init__(verbose_name, name, max_length=max_length, **kwargs)
        self.validators.append(MaxLengthValidator(max_length))


class EncryptedEmailField(EncryptedCharField):
    """An e-mail address, sealed."""

    description = _("Encrypted e-mail address")
    default_validators = [EmailValidator()]  # noqa: RUF012  Django's own way

    def __init__(self, verbose_name: Any = None, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(verbose_name, name, **{"max_length": 254, **kwargs})

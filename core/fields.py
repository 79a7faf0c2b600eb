"""Model fields whose column holds ciphertext, bound to its table, row and field.

Reading gives a `Secret` (opened only by `.reveal()`); assigning takes a str or a Secret. Lookups and `update()` are
refused: the first cannot work, the second would not know the row that it binds to.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import FieldError
from django.db import models

from core.crypto import Place, open_sealed, seal
from core.masking import Secret


if TYPE_CHECKING:
    _TextField = models.TextField[Any, Any]
else:  # Django's fields take no type arguments at run time
    _TextField = models.TextField


class SealedValue(Secret):
    """A Secret still in ciphertext; opened at the first reveal()."""

    __slots__ = ("place", "sealed")

    def __init__(self, sealed: str, place: Place) -> None:
        super().__init__("")
        self.sealed = sealed
        self.place = place

    def reveal(self) -> str:
        return open_sealed(self.sealed, self.place)


class _Attribute:
    """What `row.field` is: a Secret, None, or what was assigned, as a Secret."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        name = self.field.attname
        if name not in row.__dict__:
            row.refresh_from_db(fields=[name])
        value = row.__dict__[name]
        return SealedValue(value.text, self.field.place(row)) if isinstance(value, Ciphertext) else value

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.field.attname] = Secret(value) if isinstance(value, str) else value


class Ciphertext:
    """A column's content as it is, not yet tied to its row."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "Ciphertext()"


class EncryptedTextField(_TextField):
    """Text of any length, sealed."""

    description = "Encrypted text"
    ENCRYPTED: ClassVar = True

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Attribute(self))

    def place(self, row: models.Model) -> Place:
        return Place(row._meta.db_table, str(row.pk), self.column)

    def from_db_value(self, value: str | None, *_: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def pre_save(self, row: models.Model, add: bool) -> Any:
        value = row.__dict__.get(self.attname)
        return Ciphertext(seal(value.reveal(), self.place(row))) if isinstance(value, Secret) else value

    def get_prep_value(self, value: Any) -> str | None:
        if value is None or isinstance(value, Ciphertext):
            return None if value is None else value.text
        raise FieldError(f"{self.name} is encrypted: it is written by save(), not by update(), and cannot be looked up")

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is encrypted and is not serialised")

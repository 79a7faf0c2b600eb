"""What a test or a trial has the organization's people do by hand."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.vendors.salesforce.contacts import Contacts

if TYPE_CHECKING:
    from sandbox.vendors.frame import Vendor as Base
else:
    Base = object


class Acts(Base):
    """Mixed into the stand-in before Vendor."""

    contacts: Contacts

    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Do `add`, `change`, `remove`, `merge`, `fill`, `contact` or `contacts`."""
        acts: dict[str, Callable[..., Any]] = {
            "add": self._add, "change": self._change, "remove": self._remove, "merge": self._merge,
            "fill": self.contacts.fill, "contact": self._contact, "contacts": self.contacts.all,
        }  # fmt: skip
        if name not in acts:
            return super().act(name, wishes)
        with self.contacts.lock:
            return acts[name](**wishes)

    def _add(self, **values: Any) -> dict[str, Any]:
        return self.contacts.add(values)

    def _change(self, of: str, **values: Any) -> dict[str, Any]:
        """Change the contact with this id or address."""
        row = self._contact(of)
        self.contacts.write(row, values)
        return row

    def _remove(self, of: str) -> None:
        self.contacts.delete(self._contact(of)["Id"])

    def _merge(self, of: str, into: str) -> None:
        """Merge a contact into another: the first goes into the bin."""
        self.contacts.delete(self._contact(of)["Id"], master=self._contact(into)["Id"])

    def _contact(self, of: str) -> dict[str, Any]:
        found = self.contacts.find(of) or next(iter(self.contacts.having("Email", of)), None)
        if found is None:
            raise ValueError(f"There is no contact {of}")
        return found

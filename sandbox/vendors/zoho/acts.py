"""What a test or a trial has the organization's people do by hand."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.vendors.zoho.contacts import Contacts
from sandbox.vendors.zoho.writing import Writer

if TYPE_CHECKING:
    from sandbox.vendors.frame import Vendor as Base
else:
    Base = object


class Acts(Base):
    """Mixed into the stand-in before Vendor."""

    contacts: Contacts
    writer: Writer

    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Do `add`, `change`, `remove`, `fill`, `contact`, `contacts` or `workflows`."""
        acts: dict[str, Callable[..., Any]] = {
            "add": self._add,
            "change": self._change,
            "remove": self._remove,
            "fill": self.contacts.fill,
            "contact": self._contact,
            "contacts": lambda: list(self.contacts.rows.values()),
            "workflows": lambda: self.writer.workflows,
        }
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

    def _remove(self, of: str, for_good: bool = False) -> None:
        self.contacts.delete(self._contact(of)["id"], for_good=for_good)

    def _contact(self, of: str) -> dict[str, Any]:
        found = self.contacts.rows.get(of) or next(iter(self.contacts.having(of)), None)
        if found is None:
            raise ValueError(f"There is no contact {of}")
        return found

"""What each view of Email Bison asks of a person: staff, and the permission
of what is asked for.
"""

from typing import Any, ClassVar

from rest_framework.request import Request

from bison import access
from core.api.refusing import Refusing


class _AsTheyAre(dict[str, str]):
    """The names of fields in JSON are those of the services."""

    def get(self, key: Any, default: Any = None) -> Any:
        return key


class Permitted(Refusing):
    """Refuses with 403, before anything is looked up, whoever has not the permission
    that `needs` names.
    """

    request: Any
    json_names = _AsTheyAre()
    # The method and the permission that it needs.
    needs: ClassVar[dict[str, str]] = {}

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)  # type: ignore[misc]
        needed = self.needs.get(str(request.method))
        if needed:
            access.require(request.user, needed)

    def get_throttles(self) -> list[Any]:
        """Count what does something: not a method that is none, which is refused by that."""
        if self.request.method not in self.needs:
            return []
        found: list[Any] = super().get_throttles()  # type: ignore[misc]
        return found

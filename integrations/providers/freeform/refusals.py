"""What is wrong with what a person entered of a service, and what the service did not send."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Misconfigured

NO_LIST: Final = _(
    "%(vendor)s sent no list at “%(path)s”. Look at its answer, and correct where the list stands."
)
NO_LINK: Final = _("%(vendor)s gave a link to its next page that is no address: “%(path)s”.")
NO_PLACE: Final = _(
    "“%(path)s” is not a place that a value can be written to. Correct the mapping."
)
NO_EMAIL: Final = _(
    "No contact of %(vendor)s has anything at “%(path)s”. Correct where the e-mail address stands."
)
NO_PART: Final = _("The credentials need “%(path)s”. Add it and test again.")
NO_CONTACTS: Final = _("No list of contacts is set. Say where %(vendor)s has it.")
NO_TOKEN: Final = _(
    "%(vendor)s gave no token. Check the token address, the client's id and secret, and the scope."
)
ODD_USER: Final = _("A user name cannot have a colon in it. Enter another one.")
READS_ONLY: Final = _("Contacts are only read from this service.")


class AtPath(Misconfigured):
    """What was declared does not fit what came; `path` says where."""

    def __init__(self, vendor: str, text: Any, path: str) -> None:
        super().__init__(vendor, text)
        self._path = path

    def _facts(self) -> Mapping[str, Any]:
        return {**super()._facts(), "path": self._path or "$"}

"""Django's backend for PostgreSQL. Where `patience` is limited, a database that gave no connection
is not asked again for a moment, so that many who come at once do not wait one after the other.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import OperationalError

from core.postgres import patience


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django has it, but for the refusal within that moment."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        patience.refuse_while_away()
        try:
            return super().get_new_connection(conn_params)
        except OperationalError:
            patience.note_away()
            raise

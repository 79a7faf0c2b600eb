"""What the vendor gave and the database could not take is offered to it again for a while.

The refresh token before it may be good no longer: were the new one lost with the connection,
so were the grant.
"""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection

PAUSES: Final = (0.1, 0.5, 2.0, 5.0, 10.0)
LOST_CONNECTION: Final = (OperationalError, InterfaceError)
Stored = TypeVar("Stored")
logger = structlog.get_logger(__name__)


def insistently(store: Callable[[], Stored], failure: Exception) -> Stored:
    """Store by a connection that is new each time, and return what that returns;
    in the end raise the failure.
    """
    for pause in PAUSES:
        time.sleep(pause)
        connection.close()
        try:
            found = store()
        except LOST_CONNECTION as error:
            logger.warning("oauth_tokens_not_stored", error=type(error).__name__)
        else:
            logger.info("oauth_tokens_stored_late")
            return found
    raise failure

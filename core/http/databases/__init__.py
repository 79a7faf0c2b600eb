"""Other people's databases, read and never written: a driver's bytes go through a relay
to the one checked address.

places    where a database is, who signs in, how much may come
reading   a session, its failures, its line in the log
sql       one statement that reads, and its parameters
failures  what a driver's error means, and what to do
postgres  by psycopg
mysql     by PyMySQL
mongo     by pymongo
tls       what certificates are checked against
"""

from core.http.databases.failures import BadTls, QueryError
from core.http.databases.places import Bounds, Engine, Place, Rows, Session, Tls
from core.http.databases.reading import opened, reach

__all__ = [
    "BadTls",
    "Bounds",
    "Engine",
    "Place",
    "QueryError",
    "Rows",
    "Session",
    "Tls",
    "opened",
    "reach",
]

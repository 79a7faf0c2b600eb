"""The one door out: every call to a vendor goes through `Client`.

client   quota, attempts, log          auth       how a call says who it is
exchange one request, its failures     answers    what came back
transport the wire, pinned addresses   addresses  which hosts may be called
quota    shared by all processes       call_log   one row for every attempt
written  parameters and bodies          turns      how many web requests may wait for vendors
lenient  JSON as vendors send it        sessions   the same door for libraries that bring requests
sockets  the same guard for drivers         relay    a door for drivers that dial for themselves
databases  other people's, read by their drivers
"""

from core.http.answers import Answer
from core.http.auth import Auth, BasicKey, BearerKey, HeaderKey, PathKey, QueryKey, Renewable
from core.http.call_log import flush
from core.http.client import CallContext, Client
from core.http.exchange import Limits
from core.http.quota import Costs, Quota
from core.http.transport import ends_by

__all__ = [
    "Answer",
    "Auth",
    "BasicKey",
    "BearerKey",
    "CallContext",
    "Client",
    "Costs",
    "HeaderKey",
    "Limits",
    "PathKey",
    "QueryKey",
    "Quota",
    "Renewable",
    "ends_by",
    "flush",
]

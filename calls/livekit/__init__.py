"""LiveKit, the server of our video rooms: who may enter a room, what goes on in it,
and what is recorded of it.

tokens  what a person, or this server, may do there
shapes  what LiveKit says, in both of its spellings
server  its API, through the one door out

Its address, key and secret come from the environment alone, and nothing of them is shown
to those who use Koppel.
"""

from calls.livekit.server import Server, server
from calls.livekit.shapes import Egress, File, Participant, Room, Storage, moment
from calls.livekit.tokens import (
    Grants,
    api_key,
    api_secret,
    can_record,
    client_url,
    configured,
    has_media,
    join_token,
)

__all__ = [
    "Egress",
    "File",
    "Grants",
    "Participant",
    "Room",
    "Server",
    "Storage",
    "api_key",
    "api_secret",
    "can_record",
    "client_url",
    "configured",
    "has_media",
    "join_token",
    "moment",
    "server",
]

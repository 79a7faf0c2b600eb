"""LiveKit's server: `/livekit/twirp/livekit.RoomService/…` and `livekit.Egress/…`,
and the webhooks that it sends.

People come and go by `POST /_control/vendors/livekit/<act>` with a JSON body:

join {"token"} or {"room", "identity"}   leave {"room", "identity"}
plan {"room", "egress": ["fails", …]}    stray {"room"}
abort {"room", "identity"}: never got in
advance {"seconds"}: let time pass
events {"after"}: all webhooks so far, signed, sent or not

messages   its two spellings of JSON
tokens     who may do what, and the webhooks' signatures
rooms      rooms and who is in them
recorders  recordings (uploads: their way to the storage)
webhooks   queues, attempts, faults
timeline   the time in which all that happens
"""

from sandbox.vendors.demo_keys import LIVEKIT_API_KEY as API_KEY
from sandbox.vendors.demo_keys import LIVEKIT_API_SECRET as API_SECRET
from sandbox.vendors.livekit.vendor import LiveKit

__all__ = ["API_KEY", "API_SECRET", "LiveKit"]

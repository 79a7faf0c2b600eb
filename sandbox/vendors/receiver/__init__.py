"""Somebody who takes Koppel's events: `POST /receiver/hooks/<name>`, one name for each endpoint
that a trial needs.

It keeps whatever came with its headers, and counts an effect once for each `webhook-id`,
as a good receiver does. What comes a second time is answered, and does nothing.

Switches: `status` is what it answers, `headers` go with it (`{"Retry-After": "120"}`,
`{"Location": …}`), `seconds` it waits first, `html` answers with a web page, `size` with so many
bytes, `cut` takes the event and ends the line without answering, `down_until` (seconds since 1970)
is the end of an outage in which nothing is taken and the line is closed. `answers` has the same for
single names: `{"orders": {"status": 410}}`. A slow drip is the sandbox's own fault `drip`.

Acts: `received` (`{"hook": …}`: one endpoint's) gives what came, `effects` gives what was counted.
"""

from sandbox.vendors.receiver.vendor import Receiver

__all__ = ["Receiver"]

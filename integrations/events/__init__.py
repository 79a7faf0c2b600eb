"""Events out: what happens in Koppel, sent to the addresses that an organization names.

catalogue  every event: name, meaning, schema, example
emitting   events, written with the change they tell of
shapes     JSON schemas, values as JSON has them
examples   an example of each row
payloads   what an event says of a row
endpoints  where to, which events, which secrets
signing    Standard Webhooks
sending    one message, once
rounds     what is due, worked off, a few at a time
lanes      endpoints in a worker's hands
owing      how long, and owing again
noting     what came of it, and how an endpoint is
hints      one message for all that is due
recovering everything since a moment, by parts
acting     sample, again, recover, another secret         forgetting after how long

An event and the deliveries that are owed of it are rows, written in the transaction of the change.
A delivery is claimed, put off and given up by `core.outbox`; whoever receives it knows one that
comes twice by its `webhook-id`.
"""

from integrations.events.emitting import emit

__all__ = ["emit"]

"""How requests come in before Django has them: the protocol's deadlines, and bodies that are whole.

uvicorn speaks HTTP by `protocol.Protocol` (the Procfile names it); `bodies.WholeBodies` stands
before Django's threads. `memory` gives back what large bodies took; `client_ip` says whose request
it is; `bundles` makes one file of many.
"""

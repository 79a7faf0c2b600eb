"""Stand-ins for the vendors: real HTTP, made-up data, faults that can be switched on.

One process serves all: `python -m sandbox.vendors --port 8100`, each vendor under `/<name>/…`. A
vendor is one file or folder here with a subclass of `frame.Vendor`; nothing else names it. The same
seed always gives the same data.

    GET   /                                a page for people, to click: page.py
    GET   /_health                         what is served
    GET   /_journal?vendor=&path=          every request so far; DELETE forgets them
    GET   /_control/faults                 POST {"vendor", "kind", …} switches one on: faults.py;
                                           DELETE ?vendor= switches off
    GET   /_control/vendors/<name>         its switches; PATCH {"rate_limits": false, …} turns them
    POST  /_control/vendors/<name>/<act>   what it can be asked to do beyond its API (a new meeting)
    POST  /_control/reset                  as after the start
"""

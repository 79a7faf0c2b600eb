"""Whose request this is: the address that the outermost proxy we trust saw."""

import ipaddress
from typing import Any

from django.conf import settings


def client_ip(request: Any, *_: Any) -> str | None:
    """Return the client's address; None when it is not one (a unix socket).

    With N trusted proxies, X-Forwarded-For's N-th entry from the right was written by a proxy of
    ours; what stands left of it is whatever the client claimed. Without proxies the header is
    not looked at.
    """
    proxies = settings.TRUSTED_PROXIES
    found = request.META.get("REMOTE_ADDR", "")
    if proxies:
        hops = [
            hop.strip()
            for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            if hop.strip()
        ]
        if len(hops) >= proxies:
            found = hops[-proxies]
    try:
        return str(ipaddress.ip_address(found.strip("[]")))
    except ValueError:
        return None

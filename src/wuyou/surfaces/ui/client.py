"""Where a request comes from, as far as it can be trusted."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The network address that limits count against; empty when there is none (a socket).

    With `WUYOU_TRUSTED_PROXIES` = n it is the n-th entry of X-Forwarded-For from the right: the one that the outermost
    of our own proxies saw. What stands further left anybody may have written. A request that passed fewer proxies than
    that is counted against the address of its connection.
    """
    return address_from(
        str(request.META.get("REMOTE_ADDR", "")),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.TRUSTED_PROXIES,
    )


def address_from(peer: str, forwarded: str, trusted: int) -> str:
    """The same from its parts, for what is no request of Django's."""
    seen = [entry for entry in forwarded.split(",") if entry.strip()]
    return (_plain(seen[-trusted]) or _plain(peer)) if 0 < trusted <= len(seen) else _plain(peer)


def _plain(address: str) -> str:
    """The address without port and brackets, IPv4 in IPv6 as IPv4; empty when it is none."""
    address = address.strip()
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)

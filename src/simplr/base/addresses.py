"""Where a request comes from, as far as that can be believed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

Network = IPv4Network | IPv6Network

_TOLD_BY_PROXIES = ("X-Forwarded-For", "X-Real-IP", "Forwarded")


def caller_of(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """The address of the caller; None where it cannot be known.

    A trusted proxy names it last in `X-Forwarded-For`. Where no proxy is trusted and a request says
    that it came through one, the connection's own address is the proxy's and not the caller's.
    """
    if not settings.ENV.trusted_proxy:
        if any(name in request.headers for name in _TOLD_BY_PROXIES):
            return None
        return _read(request.META.get("REMOTE_ADDR", ""))
    told = request.headers.get("X-Forwarded-For", "")
    return _read(told.rpartition(",")[2] or request.META.get("REMOTE_ADDR", ""))


def comes_from(request: HttpRequest, allowed: tuple[Network, ...]) -> bool:
    """Whether the caller is known to be in one of these networks."""
    caller = caller_of(request)
    return caller is not None and any(caller in network for network in allowed)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found

"""Where a request comes from, as far as that can be believed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

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


def network_of(request: HttpRequest) -> str:
    """A name for the network that the caller is in; empty where that cannot be known.

    It is a keyed digest of the first 24 bits of an address (48 of IPv6): the same for the same
    network, so that a new one is noticed, and no address in it. Whoever has the installation's
    secret can try networks one by one, nobody else.
    """
    caller = caller_of(request)
    if caller is None:
        return ""
    bits = 24 if isinstance(caller, IPv4Address) else 48
    network = ip_network((caller, bits), strict=False)
    return salted_hmac("simplr.network", str(network), algorithm="sha256").hexdigest()[:16]


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

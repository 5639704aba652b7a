"""Finding the installation and the token: what is given, the environment, the stored sign-in."""

from __future__ import annotations

import os
import re

from simplr_client import credentials
from simplr_client.errors import Invalid, NotSignedIn
from simplr_client.session import Session
from simplr_client.transport import Transport, normal_url

_LINK = re.compile(r"^(?P<url>https?://.+)/l/(?P<secret>[^/?#]+)/?$")


def connect(
    url: str | None = None,
    token: str | None = None,
    *,
    link: str | None = None,
    link_password: str | None = None,
    ca_file: str | None = None,
    timeout: float = 300.0,
) -> Session:
    """A session with the installation at `url`.

    What is not given comes from SIMPLR_URL and SIMPLR_TOKEN, then from `simplr signin`. A stored
    token is only ever sent to the installation that it was stored for. `link` is the address of a
    link that somebody sent you, in place of a token. Nothing is sent before the first call.

    Raises NotSignedIn when there is no address or no token, Invalid for an address that would
    carry the token in clear, Refused when others may read the stored credentials.
    """
    plain = os.environ.get("SIMPLR_PLAIN_HTTP") == "1"
    if link is not None:
        parts = _LINK.match(link)
        if parts is None:
            raise Invalid("That is not the address of a link (…/l/…).", code="not-a-link")
        url, secret = parts["url"], parts["secret"]
    else:
        secret = None
    url = url or os.environ.get("SIMPLR_URL") or None
    url = normal_url(url, allow_plain_http=plain) if url else None
    token = token or os.environ.get("SIMPLR_TOKEN") or None
    kept = None
    if secret is None and (url is None or token is None):
        kept = credentials.stored(url)
    if kept is not None:
        url, token = url or kept.url, token or kept.token
        ca_file = ca_file or kept.ca_file
    if url is None:
        raise NotSignedIn("Say which installation: run `simplr signin URL`, or set SIMPLR_URL.")
    if token is None and secret is None:
        raise NotSignedIn(
            f"There is no token for {url}: run `simplr signin {url}`, or set SIMPLR_TOKEN."
        )
    transport = Transport(
        url=url,
        token=token,
        link=secret,
        link_password=link_password,
        ca_file=ca_file or os.environ.get("SIMPLR_CA_FILE") or None,
        timeout=timeout,
        allow_plain_http=plain,
    )
    return Session(transport)

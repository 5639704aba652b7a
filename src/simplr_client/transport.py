"""HTTP, once: addresses, the token, retries, errors, and the promise that a cut answer is an error.

This module knows nothing of projects or data sets. It refuses to send a token over plain HTTP to
another machine, and it follows no redirect, since a redirect would carry the token elsewhere.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from simplr_client.downloads import Download
from simplr_client.errors import (
    Invalid,
    NoServer,
    SimplrError,
    TransferBroken,
    error_from,
)

Json = dict[str, Any]
"""A JSON object as the server sent it; its members are described by the OpenAPI document."""

_TRIES = 3
_LONGEST_WAIT = 5.0
_SAFE = frozenset({"GET", "HEAD"})
_AGAIN = frozenset({423, 429, 502, 503, 504})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def address(template: str, *parts: str) -> str:
    """`template` with each `{}` filled, in order, by a part that cannot leave its segment."""
    for part in parts:
        if part in ("", ".", ".."):
            raise Invalid(f"“{part}” is not an id.", code="not-an-id")
    return template.format(*(quote(part, safe="") for part in parts))


def normal_url(url: str, *, allow_plain_http: bool = False) -> str:
    """The address of an installation as origin and path, without a trailing slash.

    Raises Invalid for anything but http and https, and for plain http to another machine.
    """
    if "//" not in url:
        url = "http://" + url if url.split(":")[0] in _LOOPBACK else "https://" + url
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid(f"“{url}” is not the address of an installation.", code="not-an-address")
    if parts.username or parts.password:
        raise Invalid("Leave name and password out of the address.", code="not-an-address")
    here = parts.hostname in _LOOPBACK or parts.hostname.endswith(".localhost")
    if parts.scheme == "http" and not here and not allow_plain_http:
        raise Invalid(
            f"http:// would send your token to {parts.hostname} in clear. Use https://, or set "
            "SIMPLR_PLAIN_HTTP=1 where the network between is your own.",
            code="plain-http",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


class Transport:
    """One installation and one credential. Its `repr` never shows the credential."""

    def __init__(
        self,
        *,
        url: str,
        token: str | None,
        link: str | None = None,
        link_password: str | None = None,
        ca_file: str | None = None,
        timeout: float = 300.0,
        allow_plain_http: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = normal_url(url, allow_plain_http=allow_plain_http)
        self._sleep = sleep
        headers = {"Accept": "application/json", "User-Agent": "simplr-client/1"}
        if link is not None:
            headers["Authorization"] = f"Link {link}"
            if link_password is not None:
                headers["Link-Password"] = link_password
        elif token:
            headers["Authorization"] = f"Bearer {token}"
        host = urlsplit(self.url).hostname or ""
        self._client = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=httpx.Timeout(timeout, connect=10.0, pool=10.0),
            verify=_trust(self.url, ca_file),
            follow_redirects=False,
            trust_env=host not in _LOOPBACK,
        )

    def __repr__(self) -> str:
        return f"<Transport {self.url}>"

    def close(self) -> None:
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        json: object = None,
        content: Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send one request and return its JSON, or None for an empty answer.

        A GET is tried again, up to three times, when nothing answers or the server says so. What
        changes something is only tried again if it certainly never arrived.
        """
        response = self._send(
            method, path, params=params, json=json, content=content, headers=headers
        )
        try:
            if not response.content:
                return None
            return response.json()
        except ValueError:
            raise self._not_simplr() from None

    def form(self, path: str, said: Mapping[str, str]) -> tuple[int, Json]:
        """Send a form to an address beside the API; the status and the JSON of the answer."""
        try:
            response = self._client.post(path, data=dict(said))
        except httpx.TransportError as cause:
            raise self._no_server(cause) from cause
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            if response.status_code == 404:
                return 404, {}
            raise self._not_simplr()
        return response.status_code, answer

    def headers(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        content: Iterator[bytes] | None = None,
    ) -> dict[str, str]:
        """Send one request and return the headers of its answer, their names in small letters."""
        response = self._send(method, path, params=None, headers=headers, content=content)
        return {name.lower(): value for name, value in response.headers.items()}

    def items(
        self, path: str, params: Mapping[str, object] | None = None, *, limit: int | None = None
    ) -> Iterator[Json]:
        """Every item of a list, page after page, at most `limit` of them."""
        asked = dict(params or {})
        seen = 0
        while True:
            page = self.request("GET", path, params=asked)
            if not isinstance(page, dict) or not isinstance(page.get("items"), list):
                raise self._not_simplr()
            for item in page["items"]:
                if limit is not None and seen >= limit:
                    return
                seen += 1
                yield item
            if not page.get("next"):
                return
            asked["cursor"] = page["next"]

    @contextmanager
    def stream(
        self,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Download]:
        """Open an answer that is read as it arrives, and goes on by itself after a break."""
        # Compressed on its way it would be other bytes, and could not go on.
        asked = {"Accept": "*/*", "Accept-Encoding": "identity", **(headers or {})}

        def reopen(more: Mapping[str, str]) -> httpx.Response:
            return self._send("GET", path, params=params, headers={**asked, **more}, stream=True)

        download = Download(reopen({}), reopen=reopen, sleep=self._sleep)
        try:
            yield download
        finally:
            download.close()

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None,
        headers: Mapping[str, str] | None,
        json: object = None,
        content: Iterator[bytes] | None = None,
        stream: bool = False,
    ) -> httpx.Response:
        request = self._client.build_request(
            method,
            "/api/v1" + path,
            params=_query(params),
            json=json,
            content=content,
            headers=dict(headers or {}),
        )
        for attempt in range(1, _TRIES + 1):
            last = attempt == _TRIES or content is not None
            try:
                response = self._client.send(request, stream=stream)
            except httpx.ConnectError as gone:
                if last:
                    raise self._no_server(gone) from gone
                self._sleep(0.2 * attempt)
                continue
            except httpx.TransportError as broken:
                if method not in _SAFE:
                    raise TransferBroken(
                        f"The connection to {self.url} broke. It is not known whether the "
                        "installation did what you asked: look before you try again.",
                        code="outcome-unknown",
                    ) from broken
                if last:
                    raise self._no_server(broken) from broken
                self._sleep(0.2 * attempt)
                continue
            if response.is_success:
                return response
            failure = _failure(response)
            wait = _wait(response, attempt)
            if method not in _SAFE or last or wait is None or failure.code == "sealed":
                raise failure
            self._sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _not_simplr(self) -> SimplrError:
        return SimplrError(
            f"{self.url} did not answer as Simplr does. Is this the right address?",
            code="not-simplr",
        )

    def _no_server(self, cause: httpx.TransportError) -> NoServer:
        if "CERTIFICATE" in str(cause).upper():
            return NoServer(
                f"{self.url} shows a certificate that this machine does not know. Give its file "
                "by SIMPLR_CA_FILE, or by --ca-file at sign-in.",
                code="unknown-certificate",
            )
        return NoServer(
            f"Nothing answers at {self.url}. Start it there with `simplr up`, or give the right "
            "address by --url or SIMPLR_URL."
        )


def _trust(url: str, ca_file: str | None) -> ssl.SSLContext:
    """The certificates to believe. A bare context, for plain http, believes none."""
    if not url.startswith("https"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as unreadable:
        raise Invalid(
            f"{ca_file} is not a file of certificates.", code="not-a-certificate"
        ) from unreadable


def _query(params: Mapping[str, object] | None) -> dict[str, str] | None:
    if params is None:
        return None
    return {name: _text(value) for name, value in params.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _failure(response: httpx.Response) -> SimplrError:
    """The error an answer means. Reads a small body at most, and closes a stream."""
    try:
        body = response.read()
    except httpx.TransportError:
        body = b""
    finally:
        response.close()
    if response.is_redirect:
        target = response.headers.get("location", "")
        return Invalid(
            f"The server sends us on to {target}. Use the address it gives.", code="redirected"
        )
    problem: Json | None = None
    if "json" in response.headers.get("content-type", "") and body:
        try:
            found = httpx.Response(200, content=body).json()
        except ValueError:
            found = None
        problem = found if isinstance(found, dict) else None
    return error_from(response.status_code, problem)


def _wait(response: httpx.Response, attempt: int) -> float | None:
    """How long to wait before another try; None when another try makes no sense."""
    if response.status_code not in _AGAIN:
        return None
    said = response.headers.get("retry-after", "")
    seconds = float(said) if said.isdigit() else 0.3 * attempt
    return seconds if seconds <= _LONGEST_WAIT else None

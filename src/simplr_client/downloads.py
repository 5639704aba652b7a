"""One answer that is read as it arrives, and that goes on by itself after a break.

The installation makes the same bytes for the same question, and says by an entity tag which ones
they are. So what is missing after a break is asked for by `Range`, of that state only (`If-Range`).
Where the installation refuses to go on, or has another state by now, the transfer is broken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import httpx

from simplr_client.errors import ServerFault, SimplrError, TransferBroken, Unavailable

CHUNK = 256 * 1024
TRIES = 6
"""How often in a row a download may get no further before it is given up."""
LONGEST_WAIT = 8.0

_PASSING = (Unavailable, TransferBroken, ServerFault)
"""What is often over by the next try: a restart, a broken line, a database that comes back."""

Reopen = Callable[[Mapping[str, str]], httpx.Response]


class Download:
    """One answer that is read as it arrives. Leaving the `with` block closes the connection."""

    def __init__(
        self,
        response: httpx.Response,
        *,
        reopen: Reopen | None = None,
        sleep: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._response = response
        # What begins inside would go on at a wrong place.
        self._reopen = reopen if response.status_code == 200 else None
        self._sleep = sleep
        self.headers: Mapping[str, str] = response.headers
        self.received = 0
        self._whole: int | None = None
        """The size of the whole, as it was told with the rest after a break."""

    @property
    def size(self) -> int | None:
        """The size of the whole in bytes, where it was told; else it is computed as it is sent."""
        length = self.headers.get("content-length")
        return int(length) if length is not None and length.isdigit() else None

    @property
    def tag(self) -> str | None:
        """The strong entity tag by which it can go on; None where it cannot."""
        tag = self.headers.get("etag", "")
        coded = self.headers.get("content-encoding", "identity") != "identity"
        if self.headers.get("accept-ranges") != "bytes" or not tag.startswith('"') or coded:
            return None
        return tag

    def close(self) -> None:
        """Close the connection."""
        self._response.close()

    def check_framed(self) -> None:
        """Raise TransferBroken if the end of this answer could not be told from a cut.

        HTTP/1.1 marks the end by a length or by a last chunk. A proxy that strips both would let a
        short table pass for a whole one.
        """
        headers = self._response.headers
        chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        marked = chunked or "content-length" in headers
        if not marked and self._response.http_version.startswith("HTTP/1"):
            raise TransferBroken(
                "Something between you and the installation removed the length of the answer, "
                "so a cut would go unnoticed. Nothing was read.",
                code="transfer-unframed",
            )

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they arrive, after a break from where it was.

        Raises TransferBroken if they end too early and cannot go on.
        """
        failures = 0
        while True:
            self.check_framed()
            before = self.received
            try:
                # As they come: to fill larger pieces is to copy all of it twice, and what waits to
                # fill one is lost at a break.
                for chunk in self._response.iter_bytes():
                    self.received += len(chunk)
                    yield chunk
                if self._whole not in (None, self.received):
                    raise self._broken()
                return
            except (httpx.TransportError, httpx.DecodingError) as broken:
                failures = 1 if self.received > before else failures + 1
                failures = self._go_on(broken, failures)
                if failures == 0:
                    return

    def _go_on(self, broken: Exception, failures: int) -> int:
        """Open the rest; the failures in a row so far, 0 when nothing is missing."""
        self._response.close()
        if self._reopen is None or self.tag is None:
            raise self._broken() from broken
        while failures <= TRIES:
            if failures > 1:
                self._sleep(min(LONGEST_WAIT, 0.25 * 2**failures))
            try:
                self._response = self._reopen(
                    {"Range": f"bytes={self.received}-", "If-Range": self.tag}
                )
            except SimplrError as refused:
                if refused.status == 416 and refused.problem.get("size") == self.received:
                    return 0
                if not isinstance(refused, _PASSING) or refused.code == "sealed":
                    raise self._broken(refused.detail) from refused
                failures += 1
                continue
            if not self._is_the_rest():
                self._response.close()
                raise self._broken("What is there now is another state.") from broken
            return failures
        raise self._broken() from broken

    def _is_the_rest(self) -> bool:
        """Whether the answer begins where this one ended, and is of the same state."""
        said = self._response.headers.get("content-range", "")
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", said)
        if found is None or self._response.status_code != 206:
            return False
        first, last, self._whole = (int(number) for number in found.groups())
        same = self._response.headers.get("etag") == self.tag
        return same and first == self.received and last + 1 == self._whole

    def _broken(self, why: str = "") -> TransferBroken:
        reason = why or (
            "The server stopped it, your access ended, or the connection broke. Ask again."
        )
        return TransferBroken(
            f"The answer ended after {self.received:,} bytes, before it was complete. {reason}"
        )

"""Requests for access, as a session reaches them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from simplr_client.resources import given
from simplr_client.transport import Json, Transport, address


class Asking:
    """What one asked for, and what one is asked. Every `Session` is one."""

    transport: Transport

    def ask_for_access(
        self,
        resource: str,
        purpose: str,
        *,
        actions: Sequence[str] = ("download",),
        until: datetime | None = None,
    ) -> Json:
        """Ask who manages a resource (its id) for access, and say what for."""
        body = given(
            purpose=purpose, actions=list(actions), until=until.isoformat() if until else None
        )
        path = address("/resources/{}/requests", resource)
        return dict(self.transport.request("POST", path, json=body))

    def access_requests(self, *, to_answer: bool = False) -> list[Json]:
        """What you asked for, the newest first; or what waits for your answer."""
        which = "to-answer" if to_answer else "mine"
        return list(self.transport.items("/requests", {"which": which}))

    def access_request(self, request: str) -> Json:
        """One request, by its id: your own, or one on what you manage."""
        return dict(self.transport.request("GET", address("/requests/{}", request)))

    def answer_request(
        self,
        request: str,
        *,
        grant: bool,
        release: str | None = None,
        actions: Sequence[str] | None = None,
        until: datetime | None = None,
        reason: str = "",
    ) -> Json:
        """Grant what was asked for, or less of it; or decline, with a reason. Once."""
        body = given(
            grant=grant,
            release=release,
            actions=list(actions) if actions is not None else None,
            until=until.isoformat() if until else None,
            reason=reason,
        )
        path = address("/requests/{}/answer", request)
        return dict(self.transport.request("POST", path, json=body))

    def withdraw_request(self, request: str) -> Json:
        """Take back what you asked for."""
        return dict(self.transport.request("DELETE", address("/requests/{}", request)))

"""What people post to the pages of sharing, and how an answer is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.institute import Institute

As = Callable[[str], Client]
UNTIL = (timezone.localdate() + timedelta(days=5)).isoformat()


def text_of(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    return content.decode()


def asked(**changes: Any) -> dict[str, Any]:
    """A release as the form sends it: two fields, one masked, the rows of one ward."""
    return {
        "title": "For the press",
        "field": ["request_number", "created_on"],
        "mask-request_number": "pseudonym",
        "mask-created_on": "truncate-date",
        "mask-created_on-by-truncate-date": "year",
        "condition-0-field": "ward",
        "condition-0-is": "eq",
        "condition-0-value": "06",
        "formula": "",
        "version": "this",
        "then": "save",
        **changes,
    }


def make_url(institute: Institute) -> str:
    return reverse("sharing:release-make", args=[institute.dataset.pk])


# ── releases ─────────────────────────────────────────────────────────────


def grant_url(institute: Institute) -> str:
    return reverse("sharing:grant", args=[institute.dataset.pk])


def given(institute: Institute, **changes: Any) -> dict[str, Any]:
    return {
        "to": "person",
        "person": institute.stranger.email,
        "release": str(institute.release.pk),
        "action": ["read"],
        "until": UNTIL,
        **changes,
    }

"""Addresses that libraries bring: they carry no entry rule of ours, so each is listed with its reason.

A test walks the URL table and fails for a view that neither declares a rule nor stands here.
"""

from __future__ import annotations

from typing import Final

OUTSIDE_VIEWS: Final[dict[str, str]] = {
    "allauth.account": (
        "signing in, out and again: allauth asks for the credentials or the session itself"
    ),
    "allauth.mfa": "second factors: allauth asks for a fresh session itself",
    "allauth.usersessions": "a person's own sessions: allauth asks for the session itself",
    "allauth.decorators": "allauth's own wrapper around the views above",
    "ninja.openapi": "the description of the API: it names no thing that is kept",
    "ninja.main": "the root of the API, which answers nothing",
    "django.views.generic.base": "redirects of allauth's addresses to our pages",
    "django.contrib.staticfiles": "style sheets and scripts, the same for everybody",
}
"""Module prefix of a view -> why it may be entered without a rule of ours."""

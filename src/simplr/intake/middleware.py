"""What tus asks of every answer of its addresses, errors included.

The version in every answer, what the server can do in the answer to OPTIONS, the method in a
header for networks that let only GET and POST through, and a "later" that clients understand.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

VERSION = "1.0.0"
LATER = 423
"""How HEAD says that it cannot say now: of any other error tus-js-client (4.3, `_resumeUpload`)
concludes that the upload is gone, and begins another beside it. After 423 it asks again."""
EXTENSIONS = ("creation", "creation-with-upload", "expiration", "checksum", "termination")
_ADDRESS = re.compile(r"/api/v1/(tus/[^/]+|projects/[^/]+/tus)")
_HIDDEN_METHODS = {"PATCH", "DELETE", "HEAD"}


class SpeaksTus:
    """Adds the headers of tus 1.0 to whatever its addresses answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _ADDRESS.fullmatch(request.path):
            return self.get_response(request)
        hidden = request.headers.get("X-HTTP-Method-Override", "")
        if request.method == "POST" and hidden in _HIDDEN_METHODS:
            request.method = hidden
        asks = request.method == "OPTIONS"
        response = _abilities() if asks else self.get_response(request)
        if request.method == "HEAD":
            response.content = b""
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response


class SaysLater:
    """Outermost, so that a sealed start and a database that is away say `LATER` too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        passes = response.status_code == 429 or response.status_code >= 500
        if passes and request.method == "HEAD" and _ADDRESS.fullmatch(request.path):
            response.content = b""
            response.status_code = LATER
        return response


def _abilities() -> HttpResponse:
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": ",".join(EXTENSIONS),
            "Tus-Checksum-Algorithm": "sha1,sha256",
            "Tus-Max-Size": str(settings.ENV.upload_limit_bytes),
        },
    )

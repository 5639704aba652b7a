"""A sealed installation answers health and unsealing, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from simplr.base import errors
from simplr.vault import services
from simplr_core.errors import SimplrError

OPEN_WHILE_SEALED = ("/api/v1/health", "/api/v1/health/live", "/api/v1/unseal", "/unseal")


class SealedStart:
    """Refuses every request while the root key is not at hand."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path not in OPEN_WHILE_SEALED:
            try:
                services.check_open()
            except SimplrError as error:
                return errors.answer(request, error)
        return self.get_response(request)

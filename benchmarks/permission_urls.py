"""Two endpoints with the same answer: one that nobody guards, one behind token and decision."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.api.endpoints import api
from simplr.base.entry import anyone, needs
from simplr.base.schemas import Answer

router = Router(tags=["bench"])


class Same(Answer):
    id: UUID


@router.get("/bare/{node}", response=Same, auth=None)
@anyone(because="it is what an answer costs by itself")
def bare(request: HttpRequest, node: UUID) -> dict[str, UUID]:
    return {"id": node}


@router.get("/guarded/{node}", response=Same)
@needs("read", node="node")
def guarded(request: HttpRequest, node: UUID) -> dict[str, UUID]:
    return {"id": node}


api.add_router("/bench", router)

# Imported after the router was added: an API that stands in a URL table takes no more routers.
from simplr.config.urls import urlpatterns as usual  # noqa: E402

urlpatterns = usual

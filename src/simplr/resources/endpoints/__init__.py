"""What programs ask of resources and of the trash."""

from __future__ import annotations

from ninja import Router

from simplr.resources.endpoints import resources, trash

router = Router()
for _part in (resources.router, trash.router):
    router.add_router("", _part)

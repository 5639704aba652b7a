"""What programs ask of resources, of folders and of the trash."""

from __future__ import annotations

from ninja import Router

from simplr.resources.endpoints import folders, resources, trash

router = Router()
for _part in (resources.router, folders.router, trash.router):
    router.add_router("", _part)

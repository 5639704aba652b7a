"""What programs ask of a data set: what its fields mean, and what members wrote about it."""

from __future__ import annotations

from ninja import Router

from simplr.datasets.endpoints import comments, fields, versions

router = Router()
for _part in (fields.router, comments.router, versions.router):
    router.add_router("", _part)

"""Who one is, tokens, programs, people, organisations, groups and invitations, for programs."""

from __future__ import annotations

from ninja import Router

from simplr.access.endpoints.groups import router as groups
from simplr.access.endpoints.invitations import router as invitations
from simplr.access.endpoints.people import router as people
from simplr.access.endpoints.programs import router as programs
from simplr.access.endpoints.tokens import router as tokens

router = Router()
for _part in (tokens, programs, people, groups, invitations):
    router.add_router("", _part)

"""Data sets, releases and grants, for programs."""

from simplr.sharing.endpoints.comparisons import router as _comparisons
from simplr.sharing.endpoints.dictionary import router as _dictionary
from simplr.sharing.endpoints.grants import router as _grants
from simplr.sharing.endpoints.mendings import router as _mendings
from simplr.sharing.endpoints.quality import router as _quality
from simplr.sharing.endpoints.quarantine import router as _quarantine
from simplr.sharing.endpoints.recipes import router as _recipes
from simplr.sharing.endpoints.releases import router as _releases
from simplr.sharing.endpoints.requests import router as _requests
from simplr.sharing.endpoints.rows import router

router.add_router("", _dictionary)
router.add_router("", _comparisons)
router.add_router("", _quality)
router.add_router("", _quarantine)
router.add_router("", _mendings)
router.add_router("", _releases)
router.add_router("", _grants)
router.add_router("", _requests)
router.add_router("", _recipes)

__all__ = ["router"]

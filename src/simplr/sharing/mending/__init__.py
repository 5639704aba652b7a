"""Mending what was put aside: asked for, tried, and written as the next version.

Whoever mends sees what he mends: changes name fields that are shown to him, and whole rows are for
those who see every field. What he asks holds values of cells, so it is sealed as it comes, opened
in a child, and gone when the work has ended.
"""

from simplr.sharing.mending.asking import Asked, begin, preview
from simplr.sharing.mending.working import cancel, document, make, mending_for, seen_by

__all__ = [
    "Asked",
    "begin",
    "cancel",
    "document",
    "make",
    "mending_for",
    "preview",
    "seen_by",
]

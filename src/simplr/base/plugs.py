"""Four plug points: what base needs and only a higher app can do.

Each is filled once, when the app that knows starts; calling an empty one refuses. So an entry
rule works in every app, those below `access` included, and nothing is allowed by omission.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

from simplr_core.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")


class PlugEmpty(Unavailable):
    """A part of the server that decides is not running. Nothing was allowed."""

    code = "plug-empty"


class Plug(Generic[P, R]):
    """A function that a higher app provides."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._filled: Callable[P, R] | None = None

    def fill(self, function: Callable[P, R]) -> None:
        """Provide the function; a second, different one is a mistake."""
        if self._filled is not None and self._filled is not function:
            raise RuntimeError(f"plug {self.name} is filled already")
        self._filled = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._filled is None:
            raise PlugEmpty(plug=self.name)
        return self._filled(*args, **kwargs)


decide: Plug[..., Any] = Plug("decide")
"""(actor, action, node_id) -> Verdict, filled by access."""
seal: Plug[..., bytes] = Plug("seal")
"""(plain, project_id, context) -> sealed bytes, filled by vault."""
unseal: Plug[..., bytes] = Plug("unseal")
"""(sealed, project_id, context) -> plain bytes, filled by vault."""
sign: Plug[[], Any] = Plug("sign")
"""() -> the key that signs checkpoints, which never shows its private half; filled by vault."""
reach: Plug[..., None] = Plug("reach")
"""(person_id, subject, body) -> None: tell a person, filled by accounts."""

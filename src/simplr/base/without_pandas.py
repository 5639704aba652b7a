"""Server processes run without pandas, also where it is installed for the client.

pyarrow imports pandas, if it can, when it first makes an array: 40 MB and a third of a second for
nothing that is used here. Where the import fails, pyarrow does without.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType


class _NoPandas(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        if fullname.partition(".")[0] == "pandas":
            raise ModuleNotFoundError("server processes do without pandas", name=fullname)


def do_without_pandas() -> None:
    """Make `import pandas` fail from now on in this process."""
    if not any(isinstance(finder, _NoPandas) for finder in sys.meta_path):
        sys.meta_path.insert(0, _NoPandas())

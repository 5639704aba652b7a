"""A folder of this machine, recreated in a project: its folders first, then its files in them.

Names become titles and nothing else. Links are not followed, so nothing outside the folder is
sent; what is no plain file or folder is told and left out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simplr_client.errors import Conflict, Invalid

if TYPE_CHECKING:
    from simplr_client.folders import Place


@dataclass(frozen=True)
class Leaf:
    """One thing found in a folder: a file with the folders above it, or an empty folder."""

    path: Path
    above: tuple[str, ...]
    """The names of the folders above it, from the one that was given."""
    is_folder: bool = False


def leaves(root: Path) -> Iterator[Leaf | Invalid]:
    """Every file below `root`, in the order of names; an error for what cannot be sent."""
    yield from _below(root, (root.resolve().name or "folder",))


def _below(folder: Path, above: tuple[str, ...]) -> Iterator[Leaf | Invalid]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as cause:
        yield Invalid(f"{folder}: {cause.strerror}.", code="source-unreadable")
        return
    if not found:
        yield Leaf(folder, above, is_folder=True)
    for entry in found:
        path = Path(entry.path)
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            yield from _below(path, (*above, entry.name))
        elif stat.S_ISREG(mode):
            yield Leaf(path, above)
        else:
            yield Invalid(f"{path} is a link or no plain file: left out.", code="no-plain-file")


class Tree:
    """Makes folders as they are needed, each once; one that is there already is used."""

    def __init__(self, place: Place) -> None:
        self._known: dict[tuple[str, ...], Place] = {(): place}

    def place_for(self, above: tuple[str, ...]) -> Place:
        """The folder at the end of these names. Raises what making one raises."""
        if above not in self._known:
            self._known[above] = self._made(self.place_for(above[:-1]), above[-1])
        return self._known[above]

    def _made(self, place: Place, name: str) -> Place:
        try:
            return place.create_folder(name)
        except Conflict as error:
            if error.code != "folder-exists" or not error.problem.get("folder"):
                raise
            return place.folder(str(error.problem["folder"]))

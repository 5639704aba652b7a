"""How server commands report: errors of the server become the client's, which have exit statuses."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from pathlib import Path

from simplr.operations.start.folder import DataFolder, locate
from simplr_client import errors as client
from simplr_core import errors as core

Command = Callable[[argparse.Namespace], int | None]

KINDS: tuple[tuple[type[core.SimplrError], type[client.SimplrError]], ...] = (
    (core.Refused, client.Refused),
    (core.NotFound, client.NotFound),
    (core.Conflict, client.Conflict),
    (core.Invalid, client.Invalid),
    (core.Corrupt, client.Corrupt),
    (core.Unavailable, client.Unavailable),
)


def answered(command: Command) -> Command:
    """The command, with the server's deliberate errors turned into the client's."""

    @functools.wraps(command)
    def run(arguments: argparse.Namespace) -> int | None:
        try:
            return command(arguments)
        except core.SimplrError as error:
            kind = next((to for of, to in KINDS if isinstance(error, of)), client.SimplrError)
            raise kind(error.message, code=error.code) from error

    return run


def add_data(parser: argparse.ArgumentParser) -> None:
    """The option by which every server command finds the installation."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="the data folder (else SIMPLR_DATA, else ./simplr-data)",
    )


def folder_of(arguments: argparse.Namespace) -> DataFolder:
    """The data folder that is meant."""
    return locate(arguments.data)


def existing_folder_of(arguments: argparse.Namespace) -> DataFolder:
    """The data folder that is meant, which holds an installation. NotFound when it holds none."""
    folder = folder_of(arguments)
    if not folder.exists():
        raise client.NotFound(
            f"{folder.path} holds no installation. Start one with `simplr up`, or name its folder"
            " with --data.",
            code="no-installation",
        )
    return folder

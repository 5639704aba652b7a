"""Copying everything that is kept from one store to another, each object proven where it arrives."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections

from simplr.vault import backups, services
from simplr.vault.objects import ObjectExists, ObjectMissing, ObjectStore

PIECE = 2**20
Told = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What a move came to."""

    objects: int
    copied: int
    bytes: int


def copy_all(*, target: ObjectStore, prove_all: bool, told: Told) -> Moved:
    """Copy what `target` lacks and prove each copy; with `prove_all` also what it had already.

    Nothing is taken away from where it lay. Raises ObjectMissing, Corrupt or what a store raises.
    """
    with connections["vault"].cursor() as cursor:
        wanted = list(backups.stored_objects(cursor))
    there = set(target.ids())
    copied = length = 0
    said = time.monotonic()
    for number, one in enumerate(wanted, start=1):
        if one.id not in there:
            try:
                _copy(one, target)
            except ObjectMissing:
                if not backups.is_erased(one.id):
                    raise
                continue
            copied += 1
            length += one.sealed_size
        if one.id not in there or prove_all:
            backups.prove(one.id, target.fetch(one.id))
        if time.monotonic() - said > 5:
            said = time.monotonic()
            told(f"{number} of {len(wanted)} objects, {length / 1e6:.0f} MB copied")
    return Moved(objects=len(wanted), copied=copied, bytes=length)


def _copy(one: backups.StoredObject, target: ObjectStore) -> None:
    source = services.store().open(one.id)
    try:
        with open(source, "rb", closefd=False) as reading:
            sink = target.create(one.id)
            try:
                while piece := reading.read(PIECE):
                    sink.write(piece)
                sink.complete()
            except ObjectExists:
                return  # an earlier run put it there
            except BaseException:
                sink.abandon()
                raise
    finally:
        os.close(source)

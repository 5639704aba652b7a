"""Saying what was done: one line a step, with its figures and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class WrongOutcome(Exception):
    """The installation did something else than this demonstration promises."""


def must(holds: bool, promise: str) -> None:
    """Stop the demonstration if what it shows is not so."""
    if not holds:
        raise WrongOutcome(f"This did not hold: {promise}.")


class Teller:
    """Numbers the steps and measures them."""

    def __init__(self, write: Callable[[dict[str, Any]], None]) -> None:
        self._write = write
        self._began = time.monotonic()
        self.steps: list[dict[str, Any]] = []

    def seconds(self) -> float:
        """Since the first step began."""
        return round(time.monotonic() - self._began, 1)

    def part(self, title: str) -> None:
        """Begin a part of the story."""
        self._write({"part": title})

    @contextmanager
    def step(self, text: str) -> Iterator[dict[str, Any]]:
        """One step; what is put into the dictionary is told beside it."""
        figures: dict[str, Any] = {}
        began = time.monotonic()
        yield figures
        told = {"text": text, "figures": figures, "seconds": round(time.monotonic() - began, 2)}
        self.steps.append(told)
        self._write({"step": told})

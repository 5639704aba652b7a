"""A million rows are taken in, released and streamed once; no child needs more than 1.5 GB."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from tests.institute import put

from simplr.base import children
from simplr.base.children import starting
from simplr.sharing import delivery
from simplr.sharing import services as sharing
from simplr.sharing.delivery import Wish
from simplr.sharing.views_of_data import release_row, release_view

if TYPE_CHECKING:
    from tests.institute import Institute

ROWS = 1_000_000
MOST_MEBIBYTES = 1_500


@dataclass
class Watch:
    """Looks at the children of this process's nursery, and remembers the largest."""

    largest: dict[int, int] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        children.warm()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        nursery = starting._line._process
        assert nursery is not None
        listed = Path(f"/proc/{nursery.pid}/task/{nursery.pid}/children")
        while not self._stop.wait(0.02):
            for pid in map(int, listed.read_text().split()):
                with contextlib.suppress(OSError, StopIteration):
                    status = Path(f"/proc/{pid}/status").read_text().splitlines()
                    peak = next(line for line in status if line.startswith("VmHWM"))
                    size = int(peak.split()[1]) // 1024
                    self.largest[pid] = max(size, self.largest.get(pid, 0))


def table() -> bytes:
    """A register: identifiers with leading zeros, names, dates, numbers, few words."""

    def lines() -> Iterator[str]:
        yield "rec_id,caller_name,zip,born,amount,visits,kind"
        for n in range(ROWS):
            yield (
                f"{n:08},Name {n % 50_021},{n % 100_000:05},19{n % 90 + 10}-0{n % 9 + 1}-1{n % 9},"
                f"{n / 8},{n % 97},kind {n % 12}"
            )

    return ("\n".join(lines()) + "\n").encode()


@pytest.mark.million
def test_a_million_rows_are_taken_in_released_and_streamed(institute: Institute) -> None:
    steward = institute.actor("steward")
    with Watch() as watch:
        dataset = put(
            institute.project,
            steward,
            name="register.csv",
            content=table(),
            fields=[{"name": "caller_name", "personal": "personal"}],
        )
        release = sharing.create_release(
            dataset_id=dataset.pk,
            definition=sharing.Definition(
                title="All but names",
                fields=[
                    {"name": "rec_id", "mask": {"kind": "keep"}},
                    {"name": "caller_name", "mask": {"kind": "pseudonym"}},
                    {"name": "born", "mask": {"kind": "truncate-date", "to": "year"}},
                    {"name": "amount", "mask": {"kind": "generalise-number", "step": 100}},
                ],
                where="visits >= 0",
            ),
            actor=steward,
            personal=True,
        )
        sent = delivery.deliver(
            view=release_view(release_row(release.pk)),
            format_="csv",
            wish=Wish(),
            actor=steward,
        )
        rows = 0
        for chunk in sent.chunks:
            assert b"Name " not in chunk
            rows += chunk.count(b"\n")

    assert rows == ROWS + 1
    assert len(watch.largest) >= 4  # understand, keep, pseudonyms, deliver
    assert max(watch.largest.values()) < MOST_MEBIBYTES, watch.largest

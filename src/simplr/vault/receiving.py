"""Takes what a child seals: bytes arrive sealed on its channels and are stored as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from simplr.base.children import Child, Data, FileTooDemanding
from simplr.vault import services
from simplr.vault.objects import ObjectSink
from simplr.vault.services import NewObject
from simplr_core.crypto import Sealed


def store_from_child(
    child: Child,
    objects: Mapping[int, NewObject],
    *,
    progress: Callable[[Mapping[str, Any]], None] = lambda message: None,
    facts: Callable[[Mapping[str, Any]], Mapping[int, Sealed]],
    most_bytes: int | None = None,
) -> Mapping[str, Any]:
    """Run `child` to its end, storing channel n as `objects[n]`, and return its result.

    `facts` reads, from the result, what each channel's sealed bytes are; they are pinned. When
    the child fails nothing is left behind; a channel without facts leaves no object. `progress` may raise to stop the work.
    More than `most_bytes` of sealed bytes are not taken: raises FileTooDemanding.
    """
    sinks: dict[int, ObjectSink] = {}
    stored = 0
    with ExitStack() as undo:
        undo.callback(lambda: services.discard(new.id for new in objects.values()))
        with child:
            for frame in child.frames():
                if isinstance(frame, Data):
                    # What the child says is not trusted: a channel that was not asked for is a fault.
                    if frame.channel not in sinks:
                        sinks[frame.channel] = services.store().create(objects[frame.channel].id)
                        undo.callback(sinks[frame.channel].abandon)
                    _take(frame, sinks[frame.channel])
                    stored += len(frame.content)
                    if most_bytes is not None and stored > most_bytes:
                        raise FileTooDemanding("What is in it takes far more room than itself.")
                else:
                    progress(frame.content)
            result = child.result
        if result is None:
            raise RuntimeError("a child ended without a result")
        written = facts(result)
        for channel, sealed in written.items():
            sinks[channel].complete()
            services.pin(new=objects[channel], sealed=sealed)
        undo.pop_all()
    unused = [channel for channel in objects if channel not in written]
    for channel in unused:
        if channel in sinks:
            sinks[channel].abandon()
    services.discard(objects[channel].id for channel in unused)
    return result


def _take(frame: Data, sink: ObjectSink) -> None:
    """Store what came; an empty frame closes its channel, and a wide table has very many."""
    if frame.content:
        sink.write(frame.content)
    else:
        sink.rest()


def sealed_facts(plain: Mapping[str, Any]) -> Sealed:
    """What a child says of the bytes it sealed, read from its JSON result."""
    return Sealed(
        size=int(plain["size"]),
        sealed_size=int(plain["sealed_size"]),
        header=bytes.fromhex(plain["header"]),
        blake3=bytes.fromhex(plain["blake3"]),
        sha256=None,
    )

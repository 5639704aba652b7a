"""Opening and sealing, as the jobs do it: with keys that the parent hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simplr_core.errors import Conflict, Invalid
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.sealed import (
    FileDescriptorSource,
    Key,
    Sealed,
    SealedFile,
    SealedPart,
    UnsealingReader,
)


class JobCancelled(Conflict):
    """The work was stopped because somebody asked for it."""

    code = "job-cancelled"


class ArgumentMissing(Invalid):
    """A job was started without something that it needs."""

    code = "job-argument-missing"


def open_key(given: object) -> Key:
    """The key handle in `given`, or the handle of the key bytes in it."""
    if isinstance(given, Key):
        return given
    if isinstance(given, bytes | bytearray):
        return Key.from_bytes(given)
    raise ArgumentMissing("A key is missing.")


def open_sealed(arguments: Mapping[str, Any], descriptor: int) -> UnsealingReader:
    """The plaintext of the object that `arguments` name: key, context, header, sealed_size."""
    try:
        context, size = arguments["context"], arguments["sealed_size"]
        key = open_key(arguments["key"])
    except KeyError as missing:
        raise ArgumentMissing(argument=str(missing.args[0])) from missing
    return UnsealingReader(
        FileDescriptorSource(descriptor),
        key=key,
        context=context,
        sealed_size=size,
        header=arguments.get("header"),
        object=arguments.get("object", ""),
    )


def sealed_part(part: Mapping[str, Any], files: Mapping[str, int]) -> SealedPart:
    """The sealed part that the arguments of a job describe. Raises ArgumentMissing."""
    try:
        descriptor = files[part["file"]]
        return SealedPart(
            fields=tuple(part["fields"]),
            key=open_key(part["key"]),
            context=part["context"],
            header=part.get("header"),
            sealed_size=part["sealed_size"],
            source=FileDescriptorSource(descriptor),
            object=part.get("object", ""),
        )
    except KeyError as missing:
        raise ArgumentMissing(argument=str(missing.args[0])) from missing


def sealed_to_json(sealed: Sealed) -> dict[str, Any]:
    """The facts of a sealed object, in JSON: bytes are hexadecimal."""
    return {
        "size": sealed.size,
        "sealed_size": sealed.sealed_size,
        "header": sealed.header.hex(),
        "blake3": sealed.blake3.hex(),
    }


def seal_to_channel(
    port: ChildPort, channel: int, content: bytes, *, key: object, context: bytes
) -> dict[str, Any]:
    """Seal `content` onto a channel and say what was sealed."""
    sink = port.sink(channel)
    file = SealedFile(sink, key=open_key(key), context=context)
    file.write(content)
    sealed = file.finish()
    sink.close()
    return sealed_to_json(sealed)


def heartbeat_of(port: ChildPort, total: int | None, step: str) -> Callable[[int], None]:
    """Reports rows read, and stops the work when somebody asked for it."""

    def beat(done: int) -> None:
        if port.cancelled():
            raise JobCancelled
        port.progress(done, total, step)

    return beat

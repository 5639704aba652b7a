"""A file as a form sends it (multipart/form-data, RFC 7578), sealed as it streams like any other.

The size of the file is what the whole leaves after the head and the closing line, so nothing needs to
be put aside to count it. A form holds that one file and nothing else; what it is to become is said in
the address. Whether that is so is known at its last byte, before anything is acknowledged.
"""

from __future__ import annotations

from typing import Protocol

from django.utils.http import parse_header_parameters

from simplr_core.errors import Invalid

MOST_HEAD = 16 * 1024
MOST_BOUNDARY = 70
FORM = "multipart/form-data"


class FormUnreadable(Invalid):
    """Send one file in the form and nothing else, as `curl --form file=@NAME` does."""

    code = "form-unreadable"


class Lines(Protocol):
    """The body of a request."""

    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class FileInForm:
    """The only file of a form: `name`, `size`, and its bytes by `read`. Raises FormUnreadable."""

    def __init__(self, body: Lines, *, content_type: str, length: int) -> None:
        boundary = parse_header_parameters(content_type)[1].get("boundary", "")
        if not 0 < len(boundary) <= MOST_BOUNDARY or not boundary.isascii():
            raise FormUnreadable
        self._body = body
        self._line = b"--" + boundary.encode()
        self._closing = b"\r\n" + self._line + b"--\r\n"
        self._read_of_head = 0
        self.name = self._name_in_head()
        self.size = length - self._read_of_head - len(self._closing)
        if self.size < 0:
            raise FormUnreadable
        self._left = self.size
        self._tail = b"\r\n"
        if self.size == 0:
            self._check_closing()

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes of the file; with the last of them, whether the form ends as it must."""
        if self._left == 0:
            return b""
        content = self._body.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(content)
        self._check_no_other(content)
        if self._left == 0:
            self._check_closing()
        return content

    def _name_in_head(self) -> str:
        if self._headline() != self._line:
            raise FormUnreadable
        name = ""
        while line := self._headline():
            field, _, value = line.decode("utf-8", "replace").partition(":")
            if field.strip().lower() == "content-disposition":
                name = str(parse_header_parameters(value.strip())[1].get("filename", ""))
        if not name:
            raise FormUnreadable
        return name

    def _headline(self) -> bytes:
        line = self._body.readline(MOST_HEAD - self._read_of_head)
        self._read_of_head += len(line)
        if not line.endswith(b"\r\n"):
            raise FormUnreadable
        return line[:-2]

    def _check_no_other(self, content: bytes) -> None:
        """A line between parts inside the file begins another part."""
        between = b"\r\n" + self._line
        seen = self._tail + content
        if between in seen:
            raise FormUnreadable
        self._tail = seen[-(len(between) - 1) :]

    def _check_closing(self) -> None:
        closing = b""
        while piece := self._body.read(len(self._closing) - len(closing)):
            closing += piece
        if closing != self._closing:
            raise FormUnreadable

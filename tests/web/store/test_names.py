"""The name a file comes with is shown, and is never anything else (row 36)."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.conf import settings
from tests.institute import put

from simplr.intake.models import Upload
from simplr.intake.services import NameInvalid, shown_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from tests.institute import Institute

REFUSED = [
    "",
    ".",
    "..",
    "../",
    "....",
    "a/..",
    " . ",
    "a\0b.csv",
    "a\nb.csv",
    "a\r\nSet-Cookie: x=1.csv",
    "a\x1b[31m.csv",
    "gnp\u202evsc.exe",
    "a\u200fb.csv",
    "a\u2066b\u2069.csv",
    "a\u2028b.csv",
    "zero\u200bwidth.csv",
    "\ufeffmark.csv",
    "\ud800.csv".encode("utf-8", "surrogatepass").decode("utf-8", "replace") + "\x7f",
    "x" * 300,
    "é" * 256,
]
SHOWN = {
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\win.ini": "win.ini",
    "/etc/cron.d/evil": "evil",
    "C:\\CON": "CON",
    "CON": "CON",
    "nul.csv": "nul.csv",
    "-rf": "-rf",
    "--data=x.csv": "--data=x.csv",
    "~root.csv": "~root.csv",
    "$(id).csv": "$(id).csv",
    'say "hi"; filename=evil.html': 'say "hi"; filename=evil.html',
    "<script>alert(1)<script>.csv": "<script>alert(1)<script>.csv",
    "{{ 7*7 }}{% load x %}.csv": "{{ 7*7 }}{% load x %}.csv",
    "%2e%2e%2fetc.csv": "%2e%2e%2fetc.csv",
    "\u2024\u2024\u2215etc.csv": "\u2024\u2024\u2215etc.csv",
    "cafe\u0301.csv": "café.csv",
    "наёмное жильё.csv": "наёмное жильё.csv",
    ".htaccess": ".htaccess",
}


@pytest.mark.parametrize("name", REFUSED, ids=[ascii(name)[:30] for name in REFUSED])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(NameInvalid):
        shown_name(name)


@pytest.mark.parametrize(("name", "shown"), SHOWN.items(), ids=[ascii(n)[:30] for n in SHOWN])
def test_a_name_is_shown_without_its_folders(name: str, shown: str) -> None:
    assert shown_name(name) == unicodedata.normalize("NFC", shown)


def files_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_no_name_becomes_a_path_a_header_or_markup(
    institute: Institute, as_: Callable[[str], Client]
) -> None:
    objects = Path(settings.ENV.data) / "objects"
    before = files_below(Path(settings.ENV.data))
    steward = as_("steward")

    for name, shown in SHOWN.items():
        kept = put(
            institute.project,
            institute.actor("steward"),
            name=name,
            content=b"some words\n",
            wanted_as="file",
        )
        answer = steward.get(f"/api/v1/resources/{kept.pk}/content")
        assert b"".join(answer.streaming_content) == b"some words\n"  # type: ignore[attr-defined]
        header = answer["Content-Disposition"]
        assert header.startswith("attachment; filename")
        assert not {"\n", "\r"} & set(header)
        assert shown_in(header) == unicodedata.normalize("NFC", shown)
        page = steward.get(f"/resources/{kept.pk}/").content.decode()
        assert "<script>alert(1)" not in page
        assert "49%" not in page

    added = files_below(Path(settings.ENV.data)) - before
    assert added
    for path in added:
        assert path.is_relative_to(objects)
        assert re.fullmatch(r"[0-9a-f]{32}\.sf1", path.name)


def shown_in(header: str) -> str:
    """The name a browser reads from Content-Disposition (RFC 6266)."""
    from email.message import EmailMessage

    message = EmailMessage()
    message["Content-Disposition"] = header
    found = message.get_filename()
    assert found is not None
    return found


def test_the_way_in_refuses_such_names_and_keeps_nothing(
    institute: Institute, as_: Callable[[str], Client]
) -> None:
    before = Upload.objects.count()
    for name in ("..", "a\nb", "x" * 300):
        answer = as_("steward").post(
            f"/api/v1/projects/{institute.project.pk}/uploads?name={quote(name)}",
            io.BytesIO(b"a\n1\n").getvalue(),
            content_type="application/octet-stream",
        )
        assert answer.status_code == 422
        assert json.loads(answer.content)["code"] == "name-invalid"
    assert Upload.objects.count() == before

"""Find, projects, files, and the client that programs install."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import CONTRACT, Institute, put

from simplr import VERSION
from simplr.base import client_wheel, r_package

As = Callable[[str], Client]


def text_of(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    return content.decode()


def png(width: int, height: int) -> bytes:
    """A real grey image."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return len(content).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress((b"\x00" + b"\x80" * width) * height)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


# ── find and projects ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("role", "words", "is_found"),
    [
        ("viewer", "sanitation", True),
        ("viewer", "caller_email", True),
        ("viewer", "bicycle", False),
        ("colleague", "sanitation", True),
        ("colleague", "caller_email", False),
        ("colleague", "ward", False),
        ("stranger", "sanitation", False),
    ],
)
def test_words_find_what_one_may_know_of(
    institute: Institute, as_: As, role: str, words: str, is_found: bool
) -> None:
    page = text_of(as_(role).get(reverse("catalogue:find"), {"q": words}))

    assert (str(institute.dataset.pk) in page) is is_found


def test_find_narrows_by_kind(institute: Institute, as_: As) -> None:
    page = text_of(as_("viewer").get(reverse("catalogue:find"), {"kind": "file"}))

    assert "Hauling contract" in page
    assert "Sanitation complaints" not in page


def test_a_project_shows_its_contents_to_its_members(institute: Institute, as_: As) -> None:
    address = reverse("resources:project", args=[institute.project.slug])

    page = text_of(as_("guest").get(address))
    sorted_page = text_of(as_("guest").get(address, {"sort": "-title"}))
    filtered = text_of(as_("guest").get(address, {"q": "bicycle"}))

    assert "Sanitation complaints" in page
    assert "Hauling contract" in page
    assert sorted_page.index("Sanitation complaints") < sorted_page.index("Hauling contract")
    assert "Nothing in this project is like that" in filtered
    assert as_("colleague").get(address).status_code == 404


def test_who_may_not_see_what_a_project_holds_is_not_told_that_it_is_empty(
    institute: Institute, as_: As
) -> None:
    administrator = as_("administrator")

    home = text_of(administrator.get("/"))
    page = text_of(administrator.get(reverse("resources:project", args=[institute.project.slug])))

    assert "you are no member of it" in home
    assert "nothing in it yet" not in home
    assert "Nothing in it is for you to see" in page
    assert "Nothing is in it yet" not in page


@pytest.mark.parametrize("role", ["administrator", "auditor", "guest", "viewer", "analyst"])
def test_no_link_of_these_pages_leads_to_a_refusal(
    institute: Institute, as_: As, role: str
) -> None:
    client = as_(role)
    begin = {
        reverse("operations:home"),
        reverse("catalogue:find"),
        reverse("projects:list"),
        reverse("resources:project", args=[institute.project.slug]),
        reverse("projects:members", args=[institute.project.slug]),
        reverse("datasets:dataset", args=[institute.dataset.pk]),
        reverse("sharing:releases", args=[institute.dataset.pk]),
    }
    pages = [text_of(answer) for answer in map(client.get, begin) if answer.status_code == 200]

    links = {link for page in pages for link in re.findall(r'href="(/[^"#]*)"', page)}
    refused = {link for link in links if client.get(unescape(link)).status_code == 403}

    assert len(links) > 8
    assert not refused


def test_only_what_was_granted_is_marked_as_shared(institute: Institute, as_: As) -> None:
    find = reverse("catalogue:find")

    assert "Shared with you" in text_of(as_("colleague").get(find))
    assert "Shared with you" not in text_of(as_("auditor").get(find))


def test_members_without_a_shown_address_stand_without_a_comma(
    institute: Institute, as_: As
) -> None:
    page = text_of(as_("viewer").get(reverse("projects:members", args=[institute.project.slug])))

    assert f'<div class="meta">{institute.streets.name}</div>' in page


def test_an_empty_project_says_what_will_stand_there(institute: Institute, as_: As) -> None:
    from simplr.projects.services import create_project

    made = create_project(title="Nothing yet", actor=institute.actor("owner"))

    page = text_of(as_("owner").get(reverse("resources:project", args=[made.slug])))

    assert "Nothing is in it yet" in page


# ── files ────────────────────────────────────────────────────────────────


def test_a_text_is_shown_and_downloaded_byte_for_byte(institute: Institute, as_: As) -> None:
    steward = as_("steward")

    page = text_of(steward.get(reverse("resources:file", args=[institute.file.pk])))
    answer = steward.get(reverse("resources:content", args=[institute.file.pk]))

    assert "The hauler picks up every Tuesday." in page
    assert b"".join(answer) == CONTRACT
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("role", ["analyst", "viewer", "guest"])
def test_an_original_is_closed_to_who_sees_no_personal_fields(
    institute: Institute, as_: As, role: str
) -> None:
    page = text_of(as_(role).get(reverse("resources:file", args=[institute.file.pk])))
    content = as_(role).get(reverse("resources:content", args=[institute.file.pk]))

    assert "Hauling contract" in page
    assert "every Tuesday" not in page
    assert content.status_code == 403


def test_a_file_is_not_there_for_strangers(institute: Institute, as_: As) -> None:
    for name in ("resources:file", "resources:content", "resources:preview", "resources:text"):
        address = reverse(name, args=[institute.file.pk])
        assert as_("colleague").get(address).status_code == 404


def test_an_image_is_looked_at_in_a_child_and_shown_harmlessly(
    institute: Institute, as_: As
) -> None:
    image = png(40, 30)
    kept = put(
        institute.project,
        institute.actor("steward"),
        name="map.png",
        content=image,
        wanted_as="file",
    )
    steward = as_("steward")

    page = text_of(steward.get(reverse("resources:file", args=[kept.pk])))
    shown = steward.get(reverse("resources:preview", args=[kept.pk]))

    assert "40 by 30" in page
    assert reverse("resources:preview", args=[kept.pk]) in page
    assert shown.content == image
    assert shown["Content-Type"] == "image/png"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.html", b"<!doctype html><script>alert(1)</script>", "&lt;script&gt;"),
        ("broken.png", png(40, 30)[:20], "no preview|cannot be read"),
        ("huge.png", png(40, 30).replace(b"\x00\x00\x00\x28", b"\x00\x00\xff\xff", 1), "too large"),
        ("nothing.bin", bytes(range(256)) * 4, "no preview"),
        (
            "script.pdf",
            b"%PDF-1.4\n1 0 obj<</JavaScript (app.alert(1))>>endobj\n%%EOF\n",
            "not opened here",
        ),
    ],
)
def test_what_could_do_harm_is_told_and_not_shown(
    institute: Institute, as_: As, name: str, content: bytes, said: str
) -> None:
    kept = put(
        institute.project,
        institute.actor("steward"),
        name=name,
        content=content,
        wanted_as="file",
    )

    page = text_of(as_("steward").get(reverse("resources:file", args=[kept.pk])))

    assert any(words in page for words in said.split("|")), page[-3000:]
    assert "<script>alert" not in page


def test_a_file_granted_to_somebody_can_be_revoked_on_its_page(
    institute: Institute, as_: As
) -> None:
    from simplr.access.models import Grant

    steward, stranger = as_("steward"), as_("stranger")
    address = reverse("resources:file", args=[institute.file.pk])
    steward.post(
        reverse("sharing:grant", args=[institute.file.pk]),
        {"to": "person", "person": institute.stranger.email, "release": "", "action": ["download"]},
    )
    grant = Grant.objects.get(person=institute.stranger)

    assert "every Tuesday" in text_of(stranger.get(address))
    assert str(grant.id) in text_of(steward.get(address))
    steward.post(reverse("sharing:grant-revoke", args=[grant.id]))

    assert stranger.get(address).status_code == 404


# ── the client ───────────────────────────────────────────────────────────


def test_the_client_is_handed_out_as_a_wheel_that_pip_installs(tmp_path: Path) -> None:
    name = client_wheel.wheel_name()
    answer = Client().get(f"/client/{name}")
    wheel = tmp_path / name
    wheel.write_bytes(answer.content)

    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-compile", "--target", str(tmp_path / "site"), str(wheel)),
        ],
        check=True,
        timeout=120,
    )

    installed = {path.name for path in (tmp_path / "site").iterdir()}
    assert {"simplr_client", "bin"} <= installed
    assert not {"simplr", "simplr_core", "simplr_rescue"} & installed
    said = subprocess.run(
        [sys.executable, "-P", "-c", "import simplr_client; print(simplr_client.__file__)"],
        env={"PYTHONPATH": str(tmp_path / "site")},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.stdout.startswith(str(tmp_path))
    assert (tmp_path / "site" / "bin" / "simplr").exists()


def test_the_wheel_is_the_same_each_time_and_asks_for_httpx_alone() -> None:
    with zipfile.ZipFile(io.BytesIO(client_wheel.wheel())) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith("METADATA"))
        needed = [
            line
            for line in archive.read(metadata).decode().splitlines()
            if line.startswith("Requires-Dist")
        ]
        assert archive.testzip() is None

    assert len(needed) == 1
    assert "httpx" in needed[0]
    first = client_wheel.wheel()
    client_wheel.wheel.cache_clear()
    assert client_wheel.wheel() == first


def test_the_r_package_is_handed_out_the_same_each_time_and_in_the_version_of_its_server() -> None:
    name = r_package.archive_name()
    answer = Client().get(f"/client/{name}")

    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
        description = archive.extractfile("simplr/DESCRIPTION")
        assert description is not None
        assert f"Version: {VERSION}\n" in description.read().decode()
        names = set(archive.getnames())
    assert {"simplr/NAMESPACE", "simplr/R/read.R", "simplr/man/simplr_read.Rd"} <= names
    r_package.archive.cache_clear()
    assert r_package.archive() == answer.content


def test_another_name_is_not_found() -> None:
    assert Client().get("/client/simplr-9.9-py3-none-any.whl").status_code == 404

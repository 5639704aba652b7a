"""A visitor with a link, an auditor, and a steward who uses no mouse."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import TimeoutError as NotInTime
from playwright.sync_api import expect
from tests.browser import files
from tests.browser.people import AUDITOR, HOME, PASSWORD, STEWARD, Institute, address_of
from tests.browser.taking_in import Kept, answer
from tests.browser.visits import BOTH_SIZES, WORK, NewWindow, Window

WORD = "the password of the link"


def test_a_visitor_opens_a_link_with_its_password_and_no_more_after_it_ends(
    windows: NewWindow, institute: Institute, calls: Kept, size: str
) -> None:
    with institute.as_(STEWARD) as client:
        release = answer(
            client.post(
                f"/datasets/{calls.dataset}/releases",
                json={
                    "title": "Wards",
                    "fields": [
                        {"name": "ward", "mask": {"kind": "keep"}},
                        {"name": "created_on", "mask": {"kind": "truncate-date", "to": "month"}},
                    ],
                    "where": "ward = '06'",
                    "version": "this",
                },
            )
        )
        grant = answer(
            client.post(
                "/grants",
                json={
                    "node": calls.dataset,
                    "to": {"link": {"password": WORD}},
                    "actions": ["discover", "describe", "read", "download"],
                    "release": release["id"],
                    "until": "2099-01-01T00:00:00Z",
                },
            )
        )
        visitor = windows(size)
        visitor.go(grant["link_url"])
        assert "Street calls" not in visitor.words()
        visitor.look("link")
        visitor.fill(password="not this one")
        visitor.expect_fault("status of 403")
        visitor.leave(visitor.button("Open it"))
        assert "Street calls" not in visitor.words()
        visitor.fill(password=WORD)
        visitor.leave(visitor.button("Open it"))
        assert "2 fields" in visitor.words()
        assert "caller" not in visitor.words()
        visitor.look("link-open")
        with visitor.page.expect_download() as download:
            visitor.link(re.compile("CSV")).first.click()
        with download.value.path().open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["ward"] for row in rows} == {"06"}

        assert client.delete(f"/grants/{grant['id']}").is_success
        visitor.page.wait_for_timeout(1000)
        visitor.expect_fault("status of 40[134]|status of 410")
        visitor.page.reload()
        assert "2 fields" not in visitor.words()


@BOTH_SIZES
def test_an_auditor_filters_the_ledger_checks_it_and_takes_it_along(
    windows: NewWindow, calls: Kept, size: str, tmp_path: Path
) -> None:
    auditor = windows(size, AUDITOR)
    auditor.go("/ledger")
    auditor.look("ledger", manual=True)
    actor = auditor.page.get_by_label("Who", exact=True)
    name = actor.locator("option", has_text=STEWARD).first
    with auditor.page.expect_navigation():
        actor.select_option(value=name.get_attribute("value"))
    entries = auditor.page.locator(".ledger > li:not(.checkpoint)").all_inner_texts()
    assert entries
    assert all(STEWARD in entry for entry in entries), "an entry of somebody else is shown"
    auditor.leave(auditor.button("Check again"))
    expect(auditor.page.locator("aside")).to_contain_text("Whole")

    with auditor.page.expect_download() as download:
        auditor.link("Export with proof").click()
    with zipfile.ZipFile(download.value.path()) as exported:
        names = exported.namelist()
        assert any(name.endswith("verify.sh") for name in names), names
        log = next(name for name in names if name.endswith(".ndjson"))
        assert all(json.loads(line) for line in exported.read(log).splitlines())

    auditor.expect_fault("status of 40[34]")
    auditor.go(f"/datasets/{calls.dataset}/rows")
    assert "Ferry Road" not in auditor.words(), "an auditor reads no data"


def test_a_file_is_put_and_kept_without_a_mouse(
    windows: NewWindow, institute: Institute, tmp_path: Path
) -> None:
    made = files.people_to_link(tmp_path)
    name = f"Asta {uuid4().hex[:6]}"
    institute.let_in(name, organisation=HOME)
    window = windows("desktop")
    window.go("/account/login/")
    _tab_to(window, "input[name=login]")
    window.page.keyboard.type(address_of(name))
    _tab_to(window, "input[name=password]")
    window.page.keyboard.type(PASSWORD)
    _press(window)
    window.go("/projects/make")
    _tab_to(window, "input[name=title]")
    window.page.keyboard.type(f"By keys {uuid4().hex[:4]}")
    _press(window)
    _tab_to(window, "a[href$='/put']")
    _press(window)
    window.page.wait_for_load_state("networkidle")  # its script is there
    _tab_to(window, "input[type=file]")
    _choose(window, made.path)
    expect(window.page.locator("#seen")).to_be_visible(timeout=WORK)
    _tab_to(window, ".act-bar .button.primary")
    _press(window)
    row = window.page.locator("#uploads > li").first
    expect(row).to_have_attribute("data-state", "kept", timeout=WORK)
    _tab_to(window, "#uploads a:visible")
    _press(window)
    assert f"{made.rows:,} rows" in window.words()


def _choose(window: Window, path: Path) -> None:
    """Open the chooser by the key that opens it. A busy machine may drop the first stroke."""
    for _ in range(4):
        try:
            with window.page.expect_file_chooser(timeout=4_000) as chooser:
                window.page.keyboard.press("Space")
        except NotInTime:
            continue
        chooser.value.set_files(path)
        return
    raise AssertionError("the key opens no chooser")


def _tab_to(window: Window, selector: str) -> None:
    """Press Tab until the wanted control has the focus, which must be seen where it stands."""
    wanted = window.page.locator(selector).first
    for _ in range(160):
        window.page.keyboard.press("Tab")
        if wanted.evaluate("(node) => node === document.activeElement"):
            return
    raise AssertionError(f"Tab never comes to {selector}")


def _press(window: Window) -> None:
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")

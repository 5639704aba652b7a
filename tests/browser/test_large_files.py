"""A large file on the page: paused, gone on with after a reload and after a lost line, cancelled."""

from __future__ import annotations

import hashlib
import random
import time
from pathlib import Path

from playwright.sync_api import Locator, expect
from tests.browser.people import STEWARD, Institute
from tests.browser.starting import named
from tests.browser.taking_in import answer
from tests.browser.test_main_job import make_project
from tests.browser.visits import WORK, NewWindow, Window

SIZE = 40_000_000


def line(window: Window, bytes_each_second: int = -1, *, down: bool = False) -> None:
    """Let so much through, everything (-1), or nothing at all."""
    window.devtools.send("Network.enable")
    window.devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": down,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_each_second,
        },
    )


def choose(window: Window, file: Path) -> Locator:
    window.page.locator('input[name="file"]').set_input_files(file)
    row = window.page.locator("#uploads > li").filter(has_text=file.name)
    expect(row).to_have_count(1)
    return row


def press(window: Window, row: Locator, name: str) -> None:
    """By the keyboard alone."""
    row.get_by_role("button", name=name, exact=True).focus()
    window.page.keyboard.press("Enter")


def sent_at_least(row: Locator, share: float) -> None:
    """Wait until the bar of a row has come so far."""
    bar = row.locator("progress").element_handle()
    assert bar is not None
    row.page.wait_for_function("([bar, share]) => bar.value >= share", arg=[bar, share])


def test_a_large_file_goes_on_after_a_pause_a_reload_and_a_lost_line(
    windows: NewWindow, institute: Institute, size: str, tmp_path: Path
) -> None:
    steward = windows(size, STEWARD)
    steward.expect_fault(r"/api/v1/tus")  # what is paused and what breaks was under way
    steward.expect_fault(r"ERR_INTERNET_DISCONNECTED")
    content = random.Random(size).randbytes(SIZE)
    file = tmp_path / "aerial photographs.bin"
    file.write_bytes(content)
    make_project(steward, named(f"Photographs {size}"))
    steward.leave(steward.link("Put files").first)
    line(steward, 8_000_000)

    row = choose(steward, file)
    sent_at_least(row, 0.2)
    press(steward, row, "Pause")
    expect(row).to_have_attribute("data-state", "paused")
    steward.look("put-paused")
    press(steward, row, "Go on")
    sent_at_least(row, 0.4)
    press(steward, row, "Pause")
    expect(row).to_have_attribute("data-state", "paused")

    time.sleep(1)  # the server takes what was on the line
    steward.page.reload()
    waits = steward.page.locator("#uploads > li[data-waits]")
    expect(waits).to_contain_text("arrived. Choose the same file again to go on.")
    steward.look("put-waits")
    row = choose(steward, file)
    sent_at_least(row, 0.3)
    line(steward, down=True)
    expect(row).to_have_attribute("data-state", "offline")
    line(steward)
    expect(row).to_have_attribute("data-state", "understood", timeout=WORK)

    with institute.as_(STEWARD) as client:
        (upload,) = [
            one
            for project in answer(client.get("/projects"))["items"]
            for one in answer(client.get(f"/projects/{project['id']}/uploads"))["items"]
            if one["name"] == file.name and project["title"] == named(f"Photographs {size}")
        ]
        answer(client.post(f"/uploads/{upload['id']}/keep", json={"as": "file"}))
        until = time.monotonic() + 60
        while (kept := answer(client.get(f"/uploads/{upload['id']}")))["state"] != "kept":
            assert time.monotonic() < until, kept
            time.sleep(0.2)
        got = client.get(f"/resources/{kept['resource']}/content")
    assert hashlib.sha256(got.content).digest() == hashlib.sha256(content).digest()


def test_cancelling_a_large_file_leaves_nothing(
    windows: NewWindow, institute: Institute, tmp_path: Path
) -> None:
    steward = windows("phone", STEWARD)
    steward.expect_fault(r"/api/v1/tus")
    file = tmp_path / "not after all.bin"
    file.write_bytes(bytes(SIZE))
    title = named("Not after all")
    make_project(steward, title)
    steward.leave(steward.link("Put files").first)
    line(steward, 8_000_000)

    row = choose(steward, file)
    sent_at_least(row, 0.2)
    press(steward, row, "Cancel")
    expect(row).to_have_attribute("data-state", "cancelled")

    with institute.as_(STEWARD) as client:
        (project,) = [
            one for one in answer(client.get("/projects"))["items"] if one["title"] == title
        ]
        assert answer(client.get(f"/projects/{project['id']}"))["used_bytes"] == 0

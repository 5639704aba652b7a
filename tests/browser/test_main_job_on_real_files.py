"""The main job on real files, done on the pages: what is read is counted by Python's csv alone."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.people import COLLEAGUE, STEWARD, address_of
from tests.browser.starting import named
from tests.browser.test_main_job import drop, make_project
from tests.browser.visits import WORK, NewWindow, Window
from tests.clients.sets import SETS, Set, rows_of


@dataclass(frozen=True)
class Opened:
    """The colleague's page of what was granted to him."""

    window: Window
    address: str


def understand_and_keep(steward: Window, which: Set, path: Path, row_count: int) -> str:
    """Drop the file, read what was understood, correct one type, keep it; the data set's address."""
    drop(steward, path)
    row = steward.page.locator("#uploads > li").filter(has_text=path.name)
    expect(row).to_have_attribute("data-state", "understood", timeout=WORK)
    steward.leave(row.get_by_role("link", name="Look at it"))
    numbers = re.findall(r"\d[\d,]*", steward.words_of(".balance"))[:3]
    came_in, kept, aside = (int(number.replace(",", "")) for number in numbers)
    assert came_in == kept + aside == row_count
    name, type_ = which.correct
    steward.page.get_by_label(f"Type of {name}", exact=True).select_option(type_)
    steward.leave(steward.button(re.compile(r"^Keep .* rows$")))
    row = steward.page.locator("#uploads > li").filter(has_text=path.name)
    expect(row).to_have_attribute("data-state", "kept", timeout=WORK)
    steward.leave(row.get_by_role("link", name="Open it"))
    steward.page.wait_for_selector("[aria-busy=true]", state="detached")
    return steward.page.url


def release_and_grant(steward: Window, which: Set, expected: int, row_count: int) -> None:
    """Some fields, some rows, one identifier under pseudonyms, until Friday."""
    steward.leave(steward.link("Make a release").first)
    steward.fill(title=f"Release of {which.key}")
    for box in steward.page.locator('input[name="field"]').all():
        box.set_checked((box.get_attribute("value") or "") in which.fields)
    steward.page.locator(f'[name="mask-{which.pseudonym}"]').select_option("pseudonym")
    steward.page.get_by_text("Write it as a formula").click()
    steward.page.locator("#formula").fill(which.where)
    steward.page.locator("#release-title").focus()
    preview = steward.page.locator("#preview")
    expect(preview).to_contain_text(f"{expected:,} of {row_count:,} rows", timeout=WORK)
    steward.leave(steward.button("Save and grant"))
    steward.page.locator("#grant-person").fill(address_of(COLLEAGUE))
    steward.button("Friday").click()
    steward.leave(steward.button(re.compile("^Grant")))


@contextmanager
def granted(steward: Window, colleague: Window, dataset: str, title: str) -> Iterator[Opened]:
    """What the colleague was given, opened; it is revoked at the end."""
    colleague.go("/received")
    colleague.leave(colleague.link(re.compile(re.escape(title))).first)
    yield Opened(colleague, colleague.page.url)
    steward.go(dataset)
    steward.leave(steward.page.locator(".tabs").get_by_role("link", name="Access"))
    steward.leave(steward.button(f"Revoke what {COLLEAGUE} may"))


def downloaded(window: Window) -> list[dict[str, str]]:
    """The rows of the CSV file that the page gives."""
    window.page.get_by_text("Download", exact=True).first.click()
    with window.page.expect_download(timeout=WORK) as download:
        window.link("CSV").click()
    with download.value.path().open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def as_written(cell: object) -> str:
    """A cell as CSV says it."""
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else str(cell)


@pytest.mark.prove
@pytest.mark.parametrize("which", SETS, ids=[one.key for one in SETS])
def test_a_real_file_goes_from_the_desktop_to_a_colleague(
    which: Set, windows: NewWindow, tmp_path: Path
) -> None:
    path = which.file(tmp_path)
    with path.open(newline="", encoding="utf-8") as file:
        row_count = sum(1 for _ in csv.reader(file)) - 1
    truth = which.truth(path)
    steward, colleague = windows("desktop", STEWARD), windows("desktop", COLLEAGUE)

    make_project(steward, named(f"Real files, {which.key}"))
    steward.leave(steward.link("Put files").first)
    dataset = understand_and_keep(steward, which, path, row_count)
    title = steward.title()
    shown = steward.words()
    release_and_grant(steward, which, len(truth), row_count)
    with granted(steward, colleague, dataset, title) as his:
        got = downloaded(colleague)
        page = colleague.words()
    colleague.expect_fault("404")
    gone = colleague.page.goto(his.address)

    assert f"{row_count:,} rows" in shown
    other = [name for name in which.fields if name != which.pseudonym]
    assert set(got[0]) == set(which.fields)
    assert [{name: row[name] for name in other} for row in got] == [
        {name: as_written(row[name]) for name in other} for row in truth
    ]
    in_clear = {str(row[which.pseudonym]) for row in truth if row[which.pseudonym]}
    assert not in_clear & {row[which.pseudonym] for row in got}
    may_show = "\n".join(str(cell) for row in truth for cell in row.values())
    hidden = {row[which.hidden] for row in rows_of(path)[:2000]}
    canaries = {word for word in hidden if len(word) >= 8 and word not in may_show}
    assert canaries
    assert not [word for word in canaries if word in page]
    assert gone is not None
    assert gone.status == 404

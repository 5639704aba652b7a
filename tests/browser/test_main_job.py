"""The main job as people do it: put files, look, keep, release, grant, receive, revoke."""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path

from playwright.sync_api import expect
from tests.browser import files
from tests.browser.files import Made
from tests.browser.people import COLLEAGUE, STEWARD, Institute, address_of
from tests.browser.starting import named
from tests.browser.visits import BOTH_SIZES, WORK, NewWindow, Window


def drop(window: Window, *paths: Path) -> None:
    """Drag files from the desktop onto the page."""
    window.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<input type=file id=dragged multiple hidden>')"
    )
    window.page.locator("#dragged").set_input_files(list(paths))
    window.page.evaluate(
        """() => {
          const dragged = document.getElementById("dragged");
          const carried = new DataTransfer();
          for (const file of dragged.files) carried.items.add(file);
          const place = document.querySelector(".drop");
          for (const kind of ["dragenter", "dragover", "drop"]) place.dispatchEvent(
            new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
          dragged.remove();
        }"""
    )


def make_project(window: Window, title: str) -> None:
    """Make a project from the list of projects."""
    window.go("/projects")
    window.leave(window.link("Make a project").first)
    window.fill(title=title)
    window.leave(window.button("Make the project"))


def put_and_look(steward: Window, calls: Made, others: list[Made]) -> None:
    """Drop the files; wait until each is understood; see that its rows are counted right."""
    drop(steward, calls.path, *(other.path for other in others))
    rows = steward.page.locator("#uploads > li")
    expect(rows).to_have_count(1 + len(others))
    steward.picture("put", manual=True)
    for made in (*others, calls):
        # All of them first: who leaves the page while a file is sent, stops it.
        row = rows.filter(has_text=made.path.name)
        expect(row).to_have_attribute("data-state", "understood", timeout=WORK)
    for made in (*others, calls):
        row = rows.filter(has_text=made.path.name)
        steward.leave(row.get_by_role("link", name="Look at it"))
        assert f"{made.rows:,} rows in =" in steward.words_of(".balance")


def keep(steward: Window, made: Made) -> None:
    """Keep what is open, and open the data set that it becomes."""
    steward.leave(steward.button(re.compile(r"^Keep .* rows$")))
    row = steward.page.locator("#uploads > li").filter(has_text=made.path.name)
    expect(row).to_have_attribute("data-state", "kept", timeout=WORK)
    steward.leave(row.get_by_role("link", name="Open it"))


def choose_release(steward: Window, calls: Path, title: str) -> None:
    """Five of sixteen fields, one year of rows, names hidden, an identifier pseudonymised."""
    with calls.open(newline="") as file:
        expected = sum(row["Created On"].startswith("2012") for row in csv.DictReader(file))
    page = steward.page
    steward.fill(title=title)
    chosen = {"request_number", "created_on", "kind", "ward", "caller_name"}
    for box in page.locator('input[name="field"]').all():
        box.set_checked((box.get_attribute("value") or "") in chosen)
    page.locator('[name="mask-request_number"]').select_option("pseudonym")
    page.locator('[name="mask-caller_name"]').select_option("redact")
    page.get_by_text("Write it as a formula").click()
    page.locator("#formula").fill("created_on >= '2012-01-01' and created_on < '2013-01-01'")
    page.locator("#release-title").focus()
    preview = page.locator("#preview")
    expect(preview).to_contain_text(f"{expected:,} of {files.CALLS:,} rows", timeout=WORK)
    expect(preview).to_contain_text("5 of 16 fields")
    shown = preview.inner_text()
    assert not any(family in shown for family in files.FAMILIES)
    assert not re.search(r"\b0000\d{4}\b", shown), "a request number is shown as it is"


@BOTH_SIZES
def test_a_steward_releases_some_of_a_file_and_a_colleague_reads_just_that(
    windows: NewWindow, institute: Institute, size: str, tmp_path: Path
) -> None:
    steward = windows(size, STEWARD)
    calls = files.street_calls(tmp_path)
    others = [files.people_to_link(tmp_path)]
    if size == "desktop":
        others.append(files.flights(tmp_path))

    make_project(steward, named("Clean streets" if size == "desktop" else "Clean streets, west"))
    steward.look("project-new")
    steward.leave(steward.link("Put files").first)
    put_and_look(steward, calls, others)
    steward.page.get_by_label("Type of cost").select_option("text")
    steward.page.get_by_label("Is request_number about people?").select_option("none")
    steward.look("understanding", manual=True)
    keep(steward, calls)

    assert steward.title() == "street calls 2011-2013"
    assert f"16 fields, {calls.rows:,} rows" in steward.words()
    steward.page.wait_for_selector("[aria-busy=true]", state="detached")
    steward.look("dataset", manual=True)
    dataset = steward.page.url
    steward.leave(steward.page.locator(".tabs").get_by_role("link", name="Rows"))
    assert "caller_name" in steward.words()
    steward.look("rows", manual=True)
    steward.leave(steward.page.locator(".tabs").get_by_role("link", name="Quality"))
    assert "12: No whole number." in steward.words()
    steward.look("quality")
    steward.leave(steward.link("Look at them"))
    assert "several" in steward.words()

    steward.leave(steward.link("Make a release").first)
    title = "Research 2012"
    choose_release(steward, calls.path, title)
    steward.look("release", manual=True)
    steward.leave(steward.button("Save and grant"))
    steward.page.locator("#grant-person").fill(address_of(COLLEAGUE))
    steward.button("Friday").click()
    expect(steward.page.locator("#sentence")).to_contain_text(address_of(COLLEAGUE))
    steward.look("grant", manual=True)
    steward.leave(steward.button(re.compile("^Grant")))

    colleague = windows(size, COLLEAGUE)
    colleague.go("/received")
    colleague.look("received-list")
    colleague.leave(colleague.link(re.compile("street calls")).first)
    assert "caller_e_mail" not in colleague.words()
    assert not any(family in colleague.words() for family in files.FAMILIES)
    colleague.look("received", manual=True)
    received = colleague.page.url
    colleague.page.get_by_text("Download", exact=True).first.click()
    with colleague.page.expect_download() as download:
        colleague.link("CSV").click()
    with download.value.path().open(newline="") as file:
        got = list(csv.DictReader(file))
    assert {row["created_on"][:4] for row in got} == {"2012"}
    assert len(got[0]) == 5

    steward.go(dataset)
    steward.leave(steward.page.locator(".tabs").get_by_role("link", name="Access"))
    steward.look("access")
    steward.leave(steward.link(COLLEAGUE))
    assert steward.title() == f"Why {COLLEAGUE} may"
    steward.look("why", manual=True)
    steward.go(dataset)
    assert COLLEAGUE in steward.words(), "who used it is not shown"
    steward.look("used")
    steward.leave(steward.page.locator(".tabs").get_by_role("link", name="Access"))
    steward.leave(steward.button(f"Revoke what {COLLEAGUE} may"))
    time.sleep(1)
    colleague.expect_fault("404")
    answer = colleague.page.goto(received)
    assert answer is not None
    assert answer.status == 404
    colleague.look("gone")

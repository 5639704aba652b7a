"""A steward says what the fields mean by a file, and looks at what the quality costs."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect
from tests.browser.people import STEWARD
from tests.browser.taking_in import Kept
from tests.browser.visits import NewWindow

HEADING = "name,title,description,unit,minimum,categories"
KIND = 'kind,Kind of call,"What the call is about, noted on a {}",,,"garbage, Garbage | water, Standing water"'
GHOST = "ghost,,,,,"


def test_a_dictionary_comes_in_by_a_file_and_stands_on_its_page(
    windows: NewWindow, calls: Kept, size: str, tmp_path: Path
) -> None:
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    said = KIND.format(size)
    wrong.write_text("\n".join((HEADING, said, GHOST)), encoding="utf-8")
    right.write_text("\n".join((HEADING, said)), encoding="utf-8")
    steward = windows(size, STEWARD)
    page = steward.page

    steward.go(f"/datasets/{calls.dataset}/dictionary")
    steward.look("dictionary-before")
    page.get_by_label("File", exact=True).set_input_files(wrong)
    expect(page.locator("form[data-dictionary] input[name=content]")).not_to_have_value("")
    steward.button("Show what would change").click()
    expect(page.locator("#changes")).to_contain_text("There is no such field.")
    steward.look("dictionary-wrong")

    page.get_by_label("File", exact=True).set_input_files(right)
    expect(page.locator("form[data-dictionary] input[name=content]")).not_to_have_value("")
    steward.button("Show what would change").click()
    expect(page.locator("#changes")).to_contain_text(f"noted on a {size}")
    steward.look("dictionary-changes")
    steward.button("Take it over").click()
    expect(page.get_by_text("Standing water")).to_be_visible()
    steward.look("dictionary", manual=True)

    steward.go(f"/datasets/{calls.dataset}/fields/kind")
    page.wait_for_selector("[aria-busy=true]", state="detached")
    steward.look("field-described")


def test_the_quality_opens_to_the_fields_that_cost_it(
    windows: NewWindow, calls: Kept, size: str
) -> None:
    steward = windows(size, STEWARD)

    steward.go(f"/datasets/{calls.dataset}/quality")
    expect(steward.page.get_by_role("heading", name="Quality:")).to_be_visible()
    steward.page.get_by_text("Completeness").click()
    steward.look("quality-parts", manual=True)

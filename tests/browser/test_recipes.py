"""A steward mends January's file, puts February's, compares them, and empties the trash."""

from __future__ import annotations

import re
import time
from pathlib import Path
from random import Random

from playwright.sync_api import Page, expect
from tests.browser.people import STEWARD, Institute
from tests.browser.starting import named
from tests.browser.taking_in import put_and_keep
from tests.browser.visits import WORK, NewWindow, Window

DEPOTS = ("North Yard", "South Yard", "River Yard", "Hill Yard")


def fees(month: int, *, dearer: int = 0) -> bytes:
    """A table with a slip of the keyboard, lots that look like amounts, and a currency."""
    chance = Random(month)
    lines = [
        f"B-{at:04},{'North Yad' if at == 7 else chance.choice(DEPOTS)},"
        f'{chance.randrange(1, 90)},"{chance.randrange(5, 20) + dearer},50 €"'
        for at in range(month * 160, month * 160 + 200)
    ]
    return "\n".join(["Bill,Depot,Lot,Fee", *lines, ""]).encode()


def test_january_is_mended_february_follows_and_the_trash_is_emptied(
    windows: NewWindow, institute: Institute, tmp_path: Path
) -> None:
    """At 390, 820 and 1280 px: one after the other, and each page that is looked at in all three."""
    with institute.as_(STEWARD) as client:
        old = put_and_keep(
            client,
            project=named("Fees of lots"),
            name="old.csv",
            content=b"ward,fee\n01,7\n02,8\n",
            title="Old list",
        )
    steward = windows("desktop", STEWARD)

    steward.be("phone")
    dataset = _mend_january(steward, old.slug, tmp_path)
    steward.be("tablet")
    _put_february(steward, old.slug, dataset, tmp_path)
    steward.be("desktop")
    _compare(steward, dataset)
    _empty_the_trash(steward, old.slug, dataset)


def _mend_january(steward: Window, slug: str, folder: Path) -> str:
    """Switch a step on, correct a type, look at what that does, keep it; the data set's id."""
    page = steward.page
    _look_at(steward, f"/projects/{slug}/put", folder / "january.csv", fees(0))
    _read_it_wrong_and_right(steward)
    steward.fill(title="Fees")
    slip = page.get_by_label(re.compile("“North Yad” becomes “North Yard”"))
    expect(slip).not_to_be_checked()
    slip.check()
    page.get_by_label("Type of lot").select_option("text")
    steward.button("Preview").first.click()
    expect(page.locator("#trial")).to_contain_text("all 200 rows", timeout=WORK)
    expect(page.locator("#trial")).to_contain_text("North Yad")
    expect(slip).to_be_checked()
    expect(page.get_by_label("Type of lot")).to_have_value("text")
    expect(page.get_by_label("How fee is written")).to_have_value("1,5 EUR")
    steward.look_at_every_width("mending")
    steward.picture_between("mending", "#recipe", "#trial")
    _keep(page, kept=2)
    steward.go(f"/projects/{slug}")
    steward.leave(steward.link("Fees").first)
    return steward.page.url.rstrip("/").rsplit("/", 1)[1]


def _read_it_wrong_and_right(steward: Window) -> None:
    """Say how the text is read, see what comes of that, and take it back."""
    page = steward.page
    page.get_by_text("How its text is read").click()
    page.get_by_label("Rows of names").fill("0")
    page.get_by_label("Between cells", exact=True).select_option("semicolon between cells")
    steward.button("Read it again").click()
    expect(page.get_by_label("Type of column_1")).to_be_visible(timeout=WORK)
    expect(page.get_by_label("Rows of names")).to_have_value("0")
    steward.look_at_every_width("reading")
    steward.picture_between("reading", "#reading", "#reading")
    page.get_by_label("Rows of names").fill("")
    page.get_by_label("Between cells", exact=True).select_option(index=0)
    steward.button("Read it again").click()
    expect(page.get_by_label("Type of lot")).to_be_visible(timeout=WORK)


def _put_february(steward: Window, slug: str, dataset: str, folder: Path) -> None:
    """The next file follows the recipe: what was switched and corrected is so again."""
    page = steward.page
    address = f"/projects/{slug}/put?resource={dataset}"
    _look_at(steward, address, folder / "february.csv", fees(1, dearer=9))
    expect(page.get_by_label("Type of lot")).to_have_value("text")
    expect(page.get_by_label(re.compile("“North Yad” becomes"))).to_be_checked()
    _keep(page, kept=3)
    steward.go(f"/datasets/{dataset}/versions")
    page.get_by_role("link", name="Recipe of version 2").click()
    expect(page.locator("main")).to_contain_text("What made version 2")
    expect(page.locator("main")).to_contain_text("“fee” is a number, written as 1,5 EUR")
    steward.look_at_every_width("recipe", manual=True)


def _compare(steward: Window, dataset: str) -> None:
    steward.go(f"/datasets/{dataset}/versions")
    steward.page.get_by_role("link", name="What changed").click()
    expect(steward.page.locator("main")).to_contain_text("Rows with the same bill", timeout=WORK)
    expect(steward.page.locator("main")).to_contain_text("shifted")
    steward.look_at_every_width("compare-months", manual=True)


def _empty_the_trash(steward: Window, slug: str, dataset: str) -> None:
    """Throw two data sets away, bring one back, and erase the other."""
    steward.go(f"/projects/{slug}")
    for name in ("Fees", "Old list"):
        steward.page.get_by_label(f"Choose {name}", exact=True).check()
    steward.leave(steward.button("Put in the trash"))
    steward.leave(steward.link("Trash"))
    steward.look_at_every_width("trash-of-two")
    steward.page.get_by_label("Fees", exact=True).check()
    steward.leave(steward.button("Bring back"))
    assert "1 thing is back in its place." in steward.words()
    steward.page.get_by_label("All on this page").check()
    steward.leave(steward.button("Erase now"))
    steward.leave(steward.button("Erase for ever"))
    until = time.monotonic() + WORK / 1000
    while time.monotonic() < until and "The trash is empty" not in steward.words():
        steward.page.reload()
    expect(steward.page.locator("main")).to_contain_text("The trash is empty")
    steward.go(f"/datasets/{dataset}")
    assert steward.title() == "Fees"


def _look_at(steward: Window, address: str, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    steward.go(address)
    steward.page.set_input_files("input[name=file]", path)
    steward.page.get_by_role("link", name="Look at it").first.click(timeout=WORK)
    expect(steward.button("Preview").first).to_be_visible(timeout=WORK)


def _keep(page: Page, *, kept: int) -> None:
    page.get_by_role("button", name="Keep 200 rows").click()
    expect(page.locator("#uploads [data-state=kept]")).to_have_count(kept, timeout=WORK)

"""A steward puts February's file into January's data set, sees what changed, and brings January back."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from random import Random

from playwright.sync_api import expect
from tests.browser.people import STEWARD, Institute
from tests.browser.starting import named
from tests.browser.taking_in import put_and_keep
from tests.browser.visits import WORK, NewWindow

STREETS = ("Mill Lane", "Ferry Road", "Chapel Street", "Orchard Way")


def bins(month: int, *, first: int, longer: int = 0) -> bytes:
    """A table of pick-ups; later ones took `longer`, and a fifth of the rows is of last month."""
    chance, out = Random(month), io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["Pick Up", "Picked On", "Street", "Ward", "Minutes"])
    for at in range(first, first + 200):
        day = f"2024-{month:02}-{at % 28 + 1:02}"
        minutes = chance.randrange(5, 20) + longer
        lines.writerow([f"P-{at:05}", day, chance.choice(STREETS), at % 4 + 1, minutes])
    return out.getvalue().encode()


def test_february_is_put_into_january_compared_and_january_brought_back(
    windows: NewWindow, institute: Institute, size: str, tmp_path: Path
) -> None:
    with institute.as_(STEWARD) as client:
        kept = put_and_keep(
            client,
            project=named("Pick-ups"),
            name="january.csv",
            content=bins(1, first=0),
            title=named("Pick-ups"),
        )
    february = tmp_path / "february.csv"
    february.write_bytes(bins(2, first=160, longer=9))
    steward = windows(size, STEWARD)
    page = steward.page

    steward.go(f"/projects/{kept.slug}/put?resource={kept.dataset}")
    page.set_input_files("input[name=file]", february)
    page.get_by_role("link", name="Look at it").first.click(timeout=WORK)
    page.get_by_text("Take the places of rows with the same key").click(timeout=WORK)
    steward.look("version-into")
    page.get_by_role("button", name="Keep 200 rows").click()
    expect(page.locator("#uploads [data-state=kept]")).to_have_count(2, timeout=WORK)

    steward.go(f"/datasets/{kept.dataset}/versions/2")
    expect(page.locator("main")).to_contain_text(
        "By pick_up, 40 rows of version 1 were replaced and 160 added."
    )
    steward.look("version")
    steward.go(f"/datasets/{kept.dataset}/versions")
    page.get_by_role("link", name="What changed").click()
    expect(page.locator("main")).to_contain_text("Rows with the same pick_up", timeout=WORK)
    expect(page.locator("main")).to_contain_text("shifted a lot")
    steward.look("compare", manual=True)

    steward.go(f"/datasets/{kept.dataset}/versions/1")
    page.get_by_role("button", name="Bring this version back").click()
    expect(page.locator("main")).to_contain_text("version 1, brought back")
    steward.look("versions-restored")
    steward.go(f"/datasets/{kept.dataset}?version=2")
    expect(page.locator("main")).to_contain_text("You are looking at version 2.")
    steward.look("version-old")

"""A steward puts things in order, writes what was odd, throws away, and brings one back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from tests.browser.people import STEWARD, Institute
from tests.browser.starting import named
from tests.browser.taking_in import put_and_keep, put_more
from tests.browser.visits import WORK, NewWindow

TITLES = ("Bins of May", "Bins of June", "Bins of July")


def _bins(at: int) -> dict[str, Any]:
    content = f"ward,bins\n01,{at}\n02,7\n".encode()
    return {"name": f"bins{at}.csv", "content": content, "title": TITLES[at]}


def test_a_steward_empties_the_trash_and_brings_one_back(
    windows: NewWindow, institute: Institute, size: str
) -> None:
    title = named(f"Bins, {size}")
    with institute.as_(STEWARD) as client:
        first = put_and_keep(client, project=title, **_bins(0))
        kept = [first, *(put_more(client, first, **_bins(at)) for at in (1, 2))]
    steward = windows(size, STEWARD)
    address = f"/projects/{kept[0].slug}"
    steward.go(address)
    for name in TITLES:
        steward.page.get_by_label(f"Choose {name}").check()
    steward.look("chosen")
    steward.leave(steward.button("Put in the trash"))
    assert "3 things are in the trash." in steward.words()
    assert "Nothing is in it yet" in steward.words()

    steward.leave(steward.link("Trash"))
    steward.look("trash", manual=True)
    steward.page.get_by_label("Bins of June").check()
    steward.leave(steward.button("Bring back"))
    assert "1 thing is back in its place." in steward.words()
    steward.go(address)
    assert "Bins of June" in steward.words()

    steward.leave(steward.link("Trash"))
    steward.page.get_by_label("All on this page").check()
    steward.leave(steward.button("Erase now"))
    assert "Nobody can undo this." in steward.words()
    steward.look("erase")
    steward.leave(steward.button("Erase for ever"))
    assert "2 things are being erased." in steward.words()
    until = time.monotonic() + WORK / 1000
    while time.monotonic() < until and "The trash is empty" not in steward.words():
        steward.page.reload()
    expect(steward.page.locator("main")).to_contain_text("The trash is empty")
    steward.go(f"/datasets/{kept[1].dataset}")
    assert steward.title() == "Bins of June"


def test_a_steward_puts_things_in_order_and_writes_what_was_odd(
    windows: NewWindow, institute: Institute, size: str, tmp_path: Path
) -> None:
    with institute.as_(STEWARD) as client:
        kept = put_and_keep(client, project=named(f"Order, {size}"), **_bins(0))
    steward = windows(size, STEWARD)
    steward.go(f"/projects/{kept.slug}")
    steward.fill(title="Reports / 2024")
    steward.leave(steward.button("Make it"))
    assert steward.title() == "Reports / 2024"
    steward.go(f"/projects/{kept.slug}")
    steward.page.get_by_label("Choose Bins of May").check()
    steward.page.get_by_label("Move to").select_option(label="Reports / 2024")
    steward.leave(steward.button("Move there"))
    assert "1 thing was moved." in steward.words()
    steward.look("folders")
    steward.leave(steward.link("Reports / 2024"))
    assert "Bins of May" in steward.words()
    steward.look("folder", manual=True)

    steward.leave(steward.link("Put files").first)
    (tmp_path / "Maps" / "north").mkdir(parents=True)
    (tmp_path / "Maps" / "north" / "legend.txt").write_text("one")
    steward.page.get_by_label("Choose a folder").set_input_files(tmp_path / "Maps")
    row = steward.page.locator("#uploads > li").filter(has_text="legend.txt")
    expect(row).to_have_attribute("data-state", "understood", timeout=WORK)
    steward.look("put-a-folder")
    steward.go(f"/projects/{kept.slug}")
    steward.leave(steward.link("Reports / 2024"))
    steward.leave(steward.link("Maps"))
    assert "north" in steward.words()

    steward.go(f"/datasets/{kept.dataset}/comments")
    steward.fill(body="<b>June</b> looks low.\nThe depot was closed.")
    steward.leave(steward.button("Comment"))
    assert "<b>June</b> looks low." in steward.words()
    steward.look("comments", manual=True)
    steward.go("/notices")
    steward.look("notices", manual=True)

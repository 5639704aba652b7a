"""A steward throws things away, brings one back, and empties the trash."""

from __future__ import annotations

import time
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

"""The other pages that people come to, by day on both sizes, and the busiest by night."""

from __future__ import annotations

import re

from tests.browser.people import STEWARD
from tests.browser.starting import ADMINISTRATOR
from tests.browser.taking_in import Kept
from tests.browser.visits import NewWindow


def test_home_tokens_and_search_stand_on_both_sizes(
    windows: NewWindow, calls: Kept, size: str
) -> None:
    steward = windows(size, STEWARD)
    steward.go("/")
    steward.look("home", manual=True)
    steward.go("/projects")
    steward.look("projects")
    steward.go(f"/projects/{calls.slug}")
    assert "Street calls" in steward.words()
    steward.look("project")
    steward.go(f"/projects/{calls.slug}/people")
    steward.look("people-of-project")
    steward.go("/find?q=ward")
    assert "Street calls" in steward.words()
    steward.look("find", manual=True)
    steward.go(f"/datasets/{calls.dataset}/versions")
    steward.look("versions")
    steward.go(f"/datasets/{calls.dataset}/fields/kind")
    steward.look("field")
    steward.go("/account/tokens")
    steward.page.get_by_text("Make a token").first.click()
    steward.look("tokens", manual=True)


def test_an_administrator_sees_people_organisations_and_licences(
    windows: NewWindow, size: str
) -> None:
    window = windows(size, ADMINISTRATOR)
    window.go("/")
    window.look("home-administrator")
    for page in ("", "/people", "/organisations", "/licences", "/keys"):
        window.go(f"/installation{page}")
        window.look("installation" + page.replace("/", "-"), manual=page == "")


def test_the_pages_hold_by_night_as_well(windows: NewWindow, calls: Kept, size: str) -> None:
    window = windows(size, STEWARD, dark=True)
    window.go("/")
    window.look("dark-home")
    window.go(f"/datasets/{calls.dataset}")
    window.page.wait_for_selector("[aria-busy=true]", state="detached")
    window.look("dark-dataset")
    window.go(f"/datasets/{calls.dataset}/releases/make")
    window.page.wait_for_selector("#preview table")
    window.look("dark-release")
    window.go(f"/grant/{calls.dataset}")
    window.look("dark-grant")
    window.go(f"/datasets/{calls.dataset}/ledger")
    assert re.search(STEWARD, window.words())
    window.look("dark-ledger")

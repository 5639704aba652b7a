"""The other pages that people come to, by day on both sizes, and the busiest by night."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.browser.people import STEWARD, Institute
from tests.browser.starting import ADMINISTRATOR, named
from tests.browser.taking_in import Kept, put_and_keep
from tests.browser.visits import WORK, NewWindow

MANY = 400  # fields: enough to hang a page whose work grows with their square
LONG = "neighbourhood_complaints_per_thousand_inhabitants_seasonally"


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


@pytest.mark.prove
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


@pytest.mark.prove
def test_a_table_of_many_fields_with_long_names_can_be_released_on_a_phone(
    windows: NewWindow, institute: Institute
) -> None:
    names = [f"{LONG}_{n}" if n < 3 else f"f{n}" for n in range(MANY)]
    content = "\n".join([",".join(names), *(",".join(["7"] * MANY) for _ in range(3))])
    with institute.as_(STEWARD) as client:
        kept = put_and_keep(
            client,
            project=named("Wide"),
            name="wide.csv",
            content=content.encode(),
            title="Wide",
        )
    steward = windows("phone", STEWARD)
    page = steward.page
    steward.go(f"/datasets/{kept.dataset}/releases/make")
    expect(page.locator("#preview")).to_contain_text(f"of {MANY} fields", timeout=WORK)
    masks = page.get_by_label(re.compile(f"^Mask of {LONG}"))
    for n in range(3):
        right = "(node) => node.getBoundingClientRect().right"
        assert masks.nth(n).evaluate(right) < page.viewport_size["width"], "a mask is cut off"
    masks.first.select_option("top-code")
    expect(page.locator(f'[data-needs-choice^="mask-{LONG}"]:visible')).to_have_count(1)
    steward.picture("wide-release", whole=False)

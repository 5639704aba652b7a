"""A steward sees what of January's file did not fit, says what it means, and has it back in its place."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.browser.people import STEWARD, Institute
from tests.browser.starting import named
from tests.browser.taking_in import put_and_keep
from tests.browser.visits import NewWindow


def bins(rows: int, *, short: int) -> bytes:
    """Pick-ups: three cells are no numbers, one day is written otherwise, some rows are short."""
    lines = ["Pick Up,Picked On,Street,Minutes"]
    for at in range(rows):
        day = "07.02.2024" if at == 7 else f"2024-01-{at % 28 + 1:02}"
        minutes = "soon" if at in (11, 12, 13) else str(at % 17)
        lines.append(f"P-{at:05},{day},Mill Lane,{minutes}")
        if at < short:
            lines.append(f"S-{at:05},2024-01-02,Ferry Road")
    return ("\n".join(lines) + "\n").encode()


def test_what_did_not_fit_is_tried_mended_by_rule_and_written_by_hand(
    windows: NewWindow, institute: Institute, size: str
) -> None:
    with institute.as_(STEWARD) as client:
        kept = put_and_keep(
            client,
            project=named("Pick-ups that did not fit"),
            name="january.csv",
            content=bins(300, short=1),
            title=named("Pick-ups"),
        )
    steward = windows(size, STEWARD)
    page = steward.page

    steward.go(f"/datasets/{kept.dataset}/quality")
    steward.leave(steward.link("Look at them"))
    steward.look("quarantine-all")
    steward.leave(page.get_by_role("link", name="3: No whole number."))
    steward.fill(value="soon", by="0")
    steward.button("Try it").first.click()
    expect(page.get_by_text("Of 3, 3 would fit, and 0 would stay.")).to_be_visible()
    steward.look("quarantine", manual=True)
    steward.button("Replace").click()
    expect(page.get_by_text("3 cells came back.")).to_be_visible()

    steward.leave(page.get_by_role("link", name="1: The row has too few cells."))
    page.locator("td summary").first.click()
    steward.look("quarantine-row")
    page.get_by_label("minutes").fill("9")
    steward.button("Bring it back").click()
    expect(page.get_by_text("1 row came back.")).to_be_visible()

    steward.leave(page.get_by_role("link", name="1: No day, as the others are written."))
    page.get_by_text("They are written in another format").click()
    page.get_by_label("Format", exact=True).fill("%d.%m.%Y")
    steward.button("Read them so").click()
    expect(page.get_by_text("Nothing is in quarantine: every row fits.")).to_be_visible()
    steward.look("quarantine-empty")
    steward.go(f"/datasets/{kept.dataset}/versions/4")
    expect(page.locator("main")).to_contain_text("was mended: 1 cell came back.")


def test_ten_thousand_rows_are_paged_on_any_screen(
    windows: NewWindow, institute: Institute, size: str
) -> None:
    with institute.as_(STEWARD) as client:
        kept = put_and_keep(
            client,
            project=named("Many pick-ups that did not fit"),
            name="many.csv",
            content=bins(30_000, short=10_000),
            title=named("Many pick-ups"),
        )
    steward = windows(size, STEWARD)

    steward.go(f"/datasets/{kept.dataset}/quarantine?reason=too-few-cells")
    expect(steward.page.get_by_text("50 of 10,000")).to_be_visible()
    steward.look("quarantine-many")
    steward.leave(steward.link("More"))
    expect(steward.link("From the beginning")).to_be_visible()

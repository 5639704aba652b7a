"""A window on the installation that watches what no page may ever do.

Whatever a journey does, its window writes down each break of the content policy, request to
anywhere else, script error, failed request and page that scrolls sideways. `look` adds the checks
of axe-core and takes the picture that the manual shows. `watched` fails the test that leaves one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_core_python
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Locator,
    Page,
    Request,
)

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build" / "screenshots"
MANUAL = ROOT / "docs" / "images"
INTO_MANUAL = os.environ.get("SIMPLR_UPDATE_MANUAL") == "1"
PROVES = os.environ.get("SIMPLR_PROVE") == "1"
PICTURES = INTO_MANUAL or os.environ.get("SIMPLR_PICTURES") == "1"
"""Whether pictures are kept: they are for people, and take a quarter of a journey's time."""
SERIOUS = ("serious", "critical")
NEVER_SERIOUS = (
    *("region", "heading-order", "page-has-heading-one", "empty-heading", "empty-table-header"),
    *("landmark-one-main", "landmark-unique", "landmark-main-is-top-level", "aria-allowed-role"),
)
"""Rules whose findings are moderate at most, and would be left out: a third of a check's time."""
AXE = (
    "axe.run(document, {resultTypes: ['violations'], rules: {"
    + ", ".join(f"'{rule}': {{enabled: false}}" for rule in NEVER_SERIOUS)
    + "}}).then((found) => found.violations.map(({id, impact, help, nodes}) =>"
    " ({id, impact, help, nodes: nodes.slice(0, 3).map((node) => node.html)})))"
)
QUICKLY = 15_000  # milliseconds: what a person would wait for a page on a slow day
NARROW = 320  # pixels: what a page must fit by WCAG 2.2 (1.4.10), as at four times its size on 1280
TALLEST = 1000  # pixels of a page that the manual shows
PHONES = {"dataset", "grant", "received", "release"}  # what the manual shows on a phone
HEAVIEST = 150_000  # bytes of a picture of the manual
WORK = 120_000  # milliseconds: what a person would wait for a large file

NARROWED: set[str] = set()
"""What was looked at as narrow as 320 pixels: once in a run is enough."""

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
TABLET: dict[str, Any] = {"viewport": {"width": 820, "height": 1180}}
SHAPES = {"phone": PHONE, "tablet": TABLET, "desktop": DESKTOP}
BOTH_SIZES = pytest.mark.parametrize(
    "size", ["phone", pytest.param("desktop", marks=pytest.mark.prove)]
)
"""Walk a journey on both sizes in `make prove`, instead of looking at what it comes to as wide as a
desktop too, which `make test` does."""

# Runs in every page before its own scripts. What it says on the console is read by `Window`.
WATCH = """
addEventListener("securitypolicyviolation", (event) => console.error(
  `policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
const tooWide = () => {
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) console.error(`sideways: ${location.pathname} by ${over} px`);
};
addEventListener("load", () => requestAnimationFrame(tooWide));
addEventListener("htmx:afterSettle", () => requestAnimationFrame(tooWide));
"""

# How far the page goes beyond its window, and what of it: what scrolls by itself may be wider.
SIDEWAYS = """async (width) => {
  const page = document.documentElement;
  for (let frame = 0; page.clientWidth > width && frame < 30; frame++) await new Promise(requestAnimationFrame);
  const scrolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflowX);
  const inScroller = (node) => node && node !== document.body && (scrolls(node) || inScroller(node.parentElement));
  const isSeen = (node) => node.checkVisibility({visibilityProperty: true, opacityProperty: true})
    && !node.closest(".visually-hidden, .skip") && node.getBoundingClientRect().width > 1;
  const right = (node) => {
    const box = node.getBoundingClientRect();
    return box.left + Math.max(box.width, getComputedStyle(node).overflowX === "visible" ? node.scrollWidth : 0);
  };
  const beyond = (node) => right(node) > page.clientWidth + 1 && isSeen(node) && !inScroller(node.parentElement);
  const over = page.scrollWidth - page.clientWidth;
  const wide = over > 0 ? [...document.body.querySelectorAll("*")].filter(beyond).slice(-3) : [];
  const lost = [...document.querySelectorAll("a, button, input, select, textarea, summary, label, h1, h2, p, td, dd")].filter(beyond);
  const named = (node) => node.outerHTML.slice(0, 120);
  return {over, width: page.clientWidth, wide: wide.map(named), lost: lost.slice(0, 3).map(named)};
}"""

# Bars that stay in sight would lie over the middle of a picture of the whole page.
STAND_STILL = """(still) => {
  document.activeElement?.blur?.();
  for (const bar of document.querySelectorAll(".act-bar")) bar.style.position = still ? "static" : "";
  const tabs = document.querySelector(".rail");
  if (tabs && innerWidth < 768) tabs.style.visibility = still ? "hidden" : "";
}"""


@cache
def axe_source() -> str:
    """The checker of accessibility, as its package ships it."""
    return (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()


@dataclass
class Window:
    """One browser window of one person, at one size."""

    context: BrowserContext
    page: Page
    base: str
    size: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    is_wide_too: bool = False
    """Whether `look` looks at a phone's page as wide as a desktop as well."""

    @cached_property
    def devtools(self) -> CDPSession:
        """The page's developer tools. One session: when one ends, virtual authenticators go too."""
        return self.context.new_cdp_session(self.page)

    @property
    def is_phone(self) -> bool:
        return self.size.startswith("phone")

    def go(self, address: str) -> None:
        """Open a page by its address."""
        self.page.goto(address if address.startswith("http") else self.base + address)

    def be(self, size: str) -> None:
        """Make the window as wide as a phone, a tablet or a desktop, and see that the page fits."""
        self.size = size
        self.page.set_viewport_size(SHAPES[size]["viewport"])
        over = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            self.faults.append(f"sideways: {urlsplit(self.page.url).path} by {over} px")

    def look_at_every_width(self, name: str, *, manual: bool = False) -> None:
        """Look at the page as a phone, a tablet and a desktop show it; the last for the manual.

        `make prove` lets the checker look at each width, `make test` at the phone's.
        """
        size = self.size
        for each in SHAPES:
            self.be(each)
            if PROVES or each == "phone":
                self.look(name, manual=manual and each == "desktop")
            else:
                self.picture(name, manual=manual and each == "desktop")
        self.be(size)

    def check_narrow(self, name: str) -> None:
        """See that the page fits 320 pixels: nothing scrolls sideways, and nothing is cut off."""
        self.page.set_viewport_size({"width": NARROW, "height": 844})
        found = self.page.evaluate(SIDEWAYS, NARROW)
        assert found["width"] <= NARROW, found
        if found["over"] > 0:
            self.faults.append(
                f"sideways at {name}, {NARROW} px: {found['over']} px: {found['wide']}"
            )
        elif found["lost"]:
            self.faults.append(f"out of reach at {name}, {NARROW} px: {found['lost']}")

    def expect_fault(self, pattern: str) -> None:
        """Let faults that match `pattern` happen: what this journey does on purpose."""
        self.expected.append(pattern)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def fill(self, **fields: str) -> None:
        """Write into the fields of the page by their names."""
        for name, value in fields.items():
            self.page.locator(f'[name="{name}"]:visible').fill(value)

    def leave(self, click: Locator) -> None:
        """Press what leads to another page, and wait until it stands."""
        with self.page.expect_navigation():
            click.click()

    def title(self) -> str:
        return self.page.locator("h1").first.inner_text()

    def words(self) -> str:
        """Everything that can be read on the page."""
        return self.page.locator("body").inner_text()

    def words_of(self, selector: str) -> str:
        """What can be read in one part of the page, on one line."""
        return " ".join(self.page.locator(selector).first.inner_text().split())

    def look(self, name: str, *, whole: bool = True, manual: bool = False) -> None:
        """Check what stands there with axe-core and at 320 pixels; keep a picture of it as `name`.

        A phone's page is seen to fit a desktop too; the checker looks at it there in the journeys
        that are walked at that size.
        """
        size = self.size
        self._look(name, whole=whole, manual=manual)
        if name not in NARROWED:
            NARROWED.add(name)
            self.check_narrow(name)
        if self.is_wide_too:
            self.be("desktop")
            self.picture(name, whole=whole, manual=manual)
        if self.page.viewport_size != SHAPES[size]["viewport"]:
            self.be(size)

    def _look(self, name: str, *, whole: bool, manual: bool) -> None:
        self.check_accessibility(name)
        self.picture(name, whole=whole, manual=manual)

    def picture(self, name: str, *, whole: bool = True, manual: bool = False) -> None:
        """Keep a picture of the page where pictures are asked for; with `manual`, in the manual."""
        if not PICTURES:
            return
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.evaluate(STAND_STILL, whole)
        self.page.screenshot(path=SHOTS / f"{name}-{self.size}.png", full_page=whole)
        self.page.evaluate(STAND_STILL, False)
        if manual and INTO_MANUAL:
            if not self.is_phone:
                keep_in_manual(self, name)
            elif name in PHONES:
                keep_in_manual(self, f"phone-{name}")

    def picture_between(self, name: str, first: str, last: str) -> None:
        """Keep what stands from one part of the page to another in the manual, as a desktop shows it."""
        if not INTO_MANUAL:
            return
        size = self.size
        self.be("desktop")
        self.page.evaluate("scrollTo(0, 0)")
        top, bottom = (self.page.locator(part).bounding_box() for part in (first, last))
        assert top is not None
        assert bottom is not None
        clip = {**top, "height": bottom["y"] + bottom["height"] - top["y"]}
        self.page.evaluate(STAND_STILL, True)
        self.page.screenshot(path=MANUAL / f"{name}.png", full_page=True, clip=clip, scale="css")
        self.page.evaluate(STAND_STILL, False)
        self.be(size)

    def check_accessibility(self, name: str) -> None:
        """Write down what axe-core finds serious or critical."""
        there = self.devtools.send("Runtime.evaluate", {"expression": "'axe' in window"})
        if not there["result"]["value"]:
            self.devtools.send("Runtime.evaluate", {"expression": axe_source()})
        answer = self.devtools.send(
            "Runtime.evaluate",
            {"expression": AXE, "awaitPromise": True, "returnByValue": True},
        )
        assert "value" in answer["result"], answer
        for finding in answer["result"]["value"]:
            if finding["impact"] in SERIOUS:
                nodes = " | ".join(node[:160] for node in finding["nodes"])
                self.faults.append(f"axe at {name}: {finding['id']}: {finding['help']}: {nodes}")

    def close(self) -> list[str]:
        """Close the window; what it saw and nobody expected."""
        self.context.close()
        return [
            f"[{self.size}] {fault}"
            for fault in dict.fromkeys(self.faults)
            if not any(re.search(pattern, fault) for pattern in self.expected)
        ]


def open_window(
    browser: Browser, base: str, size: str, *, state: Any = None, dark: bool = False
) -> Window:
    """A new window for a person who may be signed in already (`state` of another window)."""
    shape = PHONE if size == "phone" else DESKTOP
    context = browser.new_context(
        **shape,
        base_url=base,
        locale="en-GB",
        timezone_id="UTC",
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        storage_state=state,
        accept_downloads=True,
    )
    context.set_default_timeout(QUICKLY)
    context.add_init_script(WATCH)
    page = context.new_page()
    window = Window(context, page, base, size)
    _watch(window)
    return window


def _watch(window: Window) -> None:
    def say(text: str) -> None:
        window.faults.append(f"{text} (on {urlsplit(window.page.url).path})")

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        leaves = f"{address.scheme}://{address.netloc}" != window.base
        if leaves and address.scheme not in {"data", "blob"}:
            say(f"outside request: {request.url}")

    def on_failed(request: Request) -> None:
        # A download, and a request that a newer one replaces, end as aborted.
        if request.failure != "net::ERR_ABORTED":
            say(f"failed request: {request.method} {request.url}: {request.failure}")

    def on_console(message: ConsoleMessage) -> None:
        # htmx says as an error that a newer request took the place of an older one.
        replaced = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type in {"error", "warning"} and not replaced:
            say(f"console: {message.text}")

    window.context.on("request", on_request)
    window.context.on("requestfailed", on_failed)
    window.context.on("console", on_console)
    window.context.on("weberror", lambda error: say(f"script error: {error.error}"))


def keep_in_manual(window: Window, name: str) -> None:
    """A picture for the manual: the top of the page, since a manual shows and does not archive."""
    MANUAL.mkdir(parents=True, exist_ok=True)
    size = window.page.viewport_size
    assert size is not None
    height = window.page.evaluate("document.documentElement.scrollHeight")
    shown = min(height, size["height"] if window.is_phone else TALLEST)
    picture = MANUAL / f"{name}.png"
    window.page.evaluate("scrollTo(0, 0)")
    window.page.evaluate(STAND_STILL, not window.is_phone)
    while True:
        clip = {"x": 0, "y": 0, "width": size["width"], "height": shown}
        window.page.screenshot(path=picture, full_page=not window.is_phone, clip=clip, scale="css")
        if picture.stat().st_size <= HEAVIEST:
            break
        shown -= 100
    window.page.evaluate(STAND_STILL, False)


NewWindow = Callable[..., Window]

"""Journeys in Chromium, on a real installation, through the published ways in and nothing else.

Nothing here imports `simplr`: a journey knows addresses, words on pages and the API, as people do.
One browser and one installation serve all journeys of a run; each person has windows of her own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser import files, starting
from tests.browser.people import AUDITOR, COLLEAGUE, ELSEWHERE, HOME, STEWARD, Institute
from tests.browser.taking_in import Kept, put_and_keep
from tests.browser.visits import NewWindow, Window, open_window

WITHOUT_WINDOWS = "chromium-headless-shell"
"""The same browser, built without the frame round its pages: a quarter less to compute."""
KINDS = ("chromium",) if os.environ.get("SIMPLR_PROVE") else (WITHOUT_WINDOWS, "chromium")
CHROMIUM = os.environ.get("SIMPLR_TEST_CHROMIUM") or next(
    filter(None, map(shutil.which, KINDS)), None
)
WINDOWS = pytest.StashKey[list[Window]]()
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process walk all journeys, so that one installation and one browser serve them."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of the run."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed; sh deploy/test-tools.sh installs it")
        pytest.skip("Chromium is not installed; sh deploy/test-tools.sh installs it")
    # Playwright keeps an event loop in this thread; later tests of the process may use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def installation() -> Iterator[starting.Started]:
    """A new installation of its own, with real processes."""
    with starting.started() as printed:
        yield printed


@pytest.fixture(scope="session")
def beginning(browser: Browser, installation: starting.Started) -> starting.Beginning:
    """The first start, done in the browser by the first administrator; what went wrong in it."""
    return starting.begin(browser, installation)


@pytest.fixture(scope="session")
def institute(beginning: starting.Beginning) -> Institute:
    """The installation after its first start, with a steward, a colleague elsewhere, an auditor."""
    institute = beginning.institute
    if STEWARD not in institute.people:
        institute.let_in(STEWARD, organisation=HOME)
        institute.let_in(COLLEAGUE, organisation=ELSEWHERE)
        institute.let_in(AUDITOR, organisation=HOME)
        institute.give_office(AUDITOR, "auditor")
        starting.keep(institute)
    return institute


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a picture of what stood in each window when a journey failed."""
    report = yield
    if report.when == "call" and report.failed:
        for window in item.stash.get(WINDOWS, []):
            window.picture(f"failed-{item.name}"[:80], whole=False)
    return report


@pytest.fixture
def windows(
    request: pytest.FixtureRequest, browser: Browser, institute: Institute
) -> Iterator[NewWindow]:
    """Opens windows of the given size, for a person who is signed in or for a stranger.

    At the end of the test no window may have seen a break of the content policy, a request to
    elsewhere, a script error, a page that scrolls sideways, or a serious finding of axe-core.
    """
    opened = request.node.stash[WINDOWS] = []
    walks_both = bool(os.environ.get("SIMPLR_PROVE")) and any(
        mark.args[0] == "size" for mark in request.node.iter_markers("parametrize")
    )

    def new(size: str, who: str | None = None, *, dark: bool = False) -> Window:
        state = institute.people[who] if who else None
        window = open_window(browser, institute.url, size, state=state, dark=dark)
        window.is_wide_too = size == "phone" and not walks_both
        opened.append(window)
        return window

    yield new
    faults = [fault for window in opened for fault in window.close()]
    assert not faults, "\n".join(faults)


@pytest.fixture(params=["phone", pytest.param("desktop", marks=pytest.mark.prove)])
def size(request: pytest.FixtureRequest) -> str:
    """390 x 844 by touch; and `make prove ONLY=browser` walks it at 1280 x 800 too.

    A phone is the harder one to walk on. What it comes to is looked at as wide as a desktop as well
    (`Window.look`). Journeys that promise both sizes are marked BOTH_SIZES.
    """
    return str(request.param)


@pytest.fixture(scope="session")
def calls(institute: Institute, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The steward's calls, already kept."""
    made = files.street_calls(tmp_path_factory.mktemp("calls"))
    with institute.as_(STEWARD) as client:
        return put_and_keep(
            client,
            project=starting.named("Street calls of three years"),
            name=made.path.name,
            content=made.path.read_bytes(),
            title="Street calls",
        )

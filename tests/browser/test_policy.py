"""What the browser itself refuses: script and requests that the pages did not ask for."""

from __future__ import annotations

from tests.browser.people import STEWARD
from tests.browser.visits import NewWindow


def test_script_that_is_not_ours_does_not_run_and_nothing_leaves(windows: NewWindow) -> None:
    window = windows("desktop", STEWARD)
    for address in ("/", "/account/login/", "/api/", "/ledger", "/there-is-no-such-page"):
        window.expect_fault("policy: |Content Security Policy|status of 404|outside request")
        window.go(address)
        window.page.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "window.planted = 'inline script'";
              document.body.append(script);
              document.body.insertAdjacentHTML("beforeend",
                `<img src="x:" onerror="window.planted = 'event handler'">
                 <style>body { --planted: yes }</style>
                 <img id="away" src="https://example.org/pixel.png">`);
            }"""
        )
        window.page.wait_for_timeout(200)
        assert window.page.evaluate("window.planted") is None, f"{address} runs what is not ours"
        planted_style = "getComputedStyle(document.body).getPropertyValue('--planted')"
        assert window.page.evaluate(planted_style) == "", f"{address} takes styles of others"
        refused = [
            fault for fault in window.faults if "policy: img-src https://example.org" in fault
        ]
        assert refused, f"{address} lets pictures come from elsewhere"
        window.faults.clear()
